import type { BadRow, LedgerRow } from './ledger-row.js';
import type { Invoice } from './records.js';
import { NotALedger } from './ledger-file.js';
import type { Survey } from './survey.js';

/**
 * Puts the rows of each invoice together in a second reading of the file. The survey knows how many rows an invoice
 * has, so each goes out as soon as it is whole, wherever its rows stand in the file.
 */
export class Invoices {
  readonly #open = new Map<string, LedgerRow[]>();
  #whole = 0;

  constructor(private readonly survey: Survey) {}

  /** The invoice that this row completes. @throws NotALedger where the file is not the one that was surveyed */
  add(row: LedgerRow | BadRow): Invoice | undefined {
    if (row.invoice === '') return undefined;
    const summary = this.survey.invoices.get(row.invoice);
    if (summary === undefined) throw changed();
    if (summary.refusal !== undefined) return undefined;
    if ('reason' in row) throw changed();
    const lines = this.#linesWith(row);
    if (lines.length < summary.rows) return undefined;
    this.#open.delete(row.invoice);
    this.#whole++;
    return { ...summary, number: row.invoice, lines };
  }

  #linesWith(row: LedgerRow): LedgerRow[] {
    const known = this.#open.get(row.invoice);
    known?.push(row);
    if (known !== undefined) return known;
    const lines = [row];
    this.#open.set(row.invoice, lines);
    return lines;
  }

  /** @throws NotALedger where rows are missing that the survey saw */
  end(): void {
    const expected = [...this.survey.invoices.values()].filter(({ refusal }) => refusal === undefined).length;
    if (this.#whole !== expected || this.#open.size > 0) throw changed();
  }
}

const changed = (): NotALedger => new NotALedger('it changed while it was read');
