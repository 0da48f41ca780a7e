import { chunksOf } from './chunks.js';
import { CsvRows, fieldsOf, type CsvRow } from './csv-rows.js';
import { MAX_LINE_LENGTH, NotText, textLines, type Encoding } from './text.js';

const MAX_COLUMNS = 500;
const LIMITS = { lines: 5_000, length: MAX_LINE_LENGTH };

/** A file of rows, and how it is to be read. */
export interface RowFile {
  readonly path: string;
  readonly format: 'csv' | 'ndjson';
  readonly encoding: Encoding;
}

/** The rows of a file, some thousand at a time, and the names of the columns where it has any. */
export interface Rows {
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * Reads a file from its beginning. A row that cannot be read is given with its fault and costs no other.
 *
 * @throws NotText, and Node's errors about the file
 */
export async function* readRows({ path, format, encoding }: RowFile): AsyncGenerator<Rows> {
  const lines = textLines(() => chunksOf(path), encoding);
  if (format === 'csv') yield* csvRows(lines);
  else yield* ndjsonRows(lines);
}

async function* csvRows(lines: ReturnType<typeof textLines>): AsyncGenerator<Rows> {
  let header: readonly string[] | undefined;
  let table: CsvRows | undefined;
  let line = 0;
  for await (const portion of lines) {
    let { texts } = portion;
    if (header === undefined || table === undefined) {
      const at = texts.findIndex((text) => text.trim() !== '');
      if (at < 0) {
        line += texts.length;
        continue;
      }
      header = headerOf(texts[at] ?? '');
      table = new CsvRows(header.length, LIMITS, line + at + 2);
      texts = texts.slice(at + 1);
    }
    yield { header, rows: table.next({ ...portion, texts }) };
  }
  if (header === undefined || table === undefined) throw new NotText('it is empty');
  yield { header, rows: table.end() };
}

function headerOf(text: string): readonly string[] {
  if (text.includes('\u0000')) throw new NotText('it holds NUL bytes, as UTF-16 does; name its encoding with --encoding');
  if (text.slice(0, -1).includes('\r')) throw new NotText('its rows end with a carriage return alone; save it with line feeds');
  const fields = fieldsOf(text);
  if (fields === undefined) throw new NotText('its first row, the names of its columns, cannot be read');
  if (fields.length > MAX_COLUMNS) throw new NotText(`it has more than ${MAX_COLUMNS} columns`);
  return fields;
}

async function* ndjsonRows(lines: ReturnType<typeof textLines>): AsyncGenerator<Rows> {
  let line = 0;
  for await (const { texts } of lines) {
    const rows: CsvRow[] = [];
    for (const text of texts) {
      line++;
      if (text.length > MAX_LINE_LENGTH) rows.push({ line, fields: [], fault: `is longer than ${MAX_LINE_LENGTH} characters`, text });
      else if (text.trim() !== '') rows.push({ line, fields: [text] });
    }
    yield { header: [], rows };
  }
  if (line === 0) throw new NotText('it is empty');
}
