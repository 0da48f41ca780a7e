import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

import { linesOf } from './csv-lines.js';
import { CsvRows, type CsvRow } from './csv-rows.js';
import { COLUMNS, LedgerRows, type BadRow, type LedgerRow } from './ledger-row.js';

const CHUNK_BYTES = 262_144;

/** The file is not this kind of ledger, or not whole. */
export class NotALedger extends Error {
  override readonly name = 'NotALedger';
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (!(await isGzip(path))) {
    yield* file;
    return;
  }
  const text = createGunzip({ chunkSize: CHUNK_BYTES });
  file.once('error', (error) => text.destroy(error));
  yield* file.pipe(text);
}

function checkHeader({ fields }: CsvRow): void {
  if (COLUMNS.every((name, index) => fields[index] === name)) return;
  throw new NotALedger(`its first row is not ${COLUMNS.join(',')}`);
}

/**
 * Reads a ledger, plain or gzipped, in portions of some thousand rows; the header is not among them.
 *
 * @throws NotALedger, NotLines, and Node's errors about the file
 */
export async function* readLedger(path: string): AsyncGenerator<(LedgerRow | BadRow)[]> {
  const rows = new CsvRows(COLUMNS.length);
  const ledger = new LedgerRows();
  let header: CsvRow | undefined;
  const portion = (found: CsvRow[]): (LedgerRow | BadRow)[] => {
    if (header === undefined && found[0] !== undefined) {
      header = { ...found[0], fields: found[0].fields.map((name) => name.replace(/^\ufeff/, '')) };
      checkHeader(header);
      found.shift();
    }
    return found.map((row) => ledger.read(row));
  };
  for await (const lines of linesOf(chunksOf(path))) yield portion(rows.next(lines));
  yield portion(rows.end());
  if (header === undefined) throw new NotALedger('it is empty');
}
