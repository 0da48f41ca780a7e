import { chunksOf } from '../files/chunks.js';
import { linesOf } from '../files/csv-lines.js';
import { CsvRows, type CsvRow } from '../files/csv-rows.js';
import { COLUMNS, LedgerRows, type BadRow, type LedgerRow } from './ledger-row.js';

/** The file is not this kind of ledger, or not whole. */
export class NotALedger extends Error {
  override readonly name = 'NotALedger';
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
