import { Readable } from 'node:stream';
import type { Erased } from '@annals/contracts';
import { StreamableFile } from '@nestjs/common';

import { isErased } from './erased.js';
import { readCursor, type Cursor, type Slice } from './keyset.js';

/** Tells Excel that a file is UTF-8. */
const BYTE_ORDER_MARK = '\ufeff';
/** A spreadsheet would take such a cell for a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** A column of a file: its name, and what it says of a row. */
export type Column<Row> = readonly [name: string, of: (row: Row) => string];

/** A cell by RFC 4180; an apostrophe before what would be a formula, as spreadsheets themselves mark text. */
function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const line = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

/** A personal text as a cell has it. */
export const textOrErased = (text: string | Erased | null): string => (text === null ? '' : isErased(text) ? '(erased)' : text);

interface File<Row> {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly bom: boolean;
  /** One page after another, from the first. */
  readonly read: (cursor: Cursor | undefined) => Promise<Slice<Row>>;
}

/** All rows of a list as CSV, read page by page while they are sent. */
export async function csvFile<Row>({ name, columns, bom, read }: File<Row>): Promise<StreamableFile> {
  // The first page is read before the answer begins, so that what keeps it from being read has a status of its own.
  const first = await read(undefined);
  const linesOf = (rows: readonly Row[]): string => rows.map((row) => line(columns.map(([, of]) => of(row)))).join('');
  const lines = async function* (): AsyncGenerator<string> {
    yield (bom ? BYTE_ORDER_MARK : '') + line(columns.map(([title]) => title)) + linesOf(first.rows);
    for (let cursor = readCursor(first.next ?? undefined); cursor !== undefined; ) {
      const { rows, next } = await read(cursor);
      yield linesOf(rows);
      cursor = readCursor(next ?? undefined);
    }
  };
  return new StreamableFile(Readable.from(lines(), { objectMode: false }), { type: 'text/csv; charset=utf-8', disposition: `attachment; filename="${name}"` });
}
