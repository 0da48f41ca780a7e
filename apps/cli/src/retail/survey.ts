import type { BadRow, LedgerRow } from './ledger-row.js';

/** As many lines as one transaction may have. */
const MAX_LINES_OF_AN_INVOICE = 5_000;

/** What a transaction of the ledger is, by its number's first letter. */
export type Kind = 'invoice' | 'credit-note' | 'adjustment';

/** C... is a credit note, A... an adjustment of accounts. */
export function kindOf(invoice: string): Kind {
  if (invoice.startsWith('C')) return 'credit-note';
  return invoice.startsWith('A') ? 'adjustment' : 'invoice';
}

/** Why an invoice, or a row of none, is not recorded. */
export interface Refusal {
  readonly line: number;
  readonly invoice: string;
  readonly reason: string;
}

/** An invoice as the first reading of the file finds it. */
export interface InvoiceSummary {
  /** Its rows that can be read. */
  rows: number;
  /** Its rows that cannot. */
  bad: number;
  customer: string;
  country: string;
  /** The earliest of its rows' readings of the clock. */
  reading: number;
  totalMinor: number;
  refusal?: Refusal;
}

/** A customer as the invoices that are recorded show it. */
export interface CustomerSummary {
  /** When its first invoice is from, as the wall clock had it. */
  readonly first: number;
  /** As its latest invoice has it. */
  readonly country: string;
}

/** What a part of the ledger adds up to. */
export interface Figures {
  readonly lines: number;
  readonly transactions: number;
  readonly byKind: Readonly<Record<Kind, number>>;
  readonly customers: number;
  readonly totalMinor: bigint;
}

/** What a first reading of the whole file knows. It grows with invoices and customers, not with lines. */
export class Survey {
  readonly invoices = new Map<string, InvoiceSummary>();
  readonly #strays: Refusal[] = [];

  add(row: LedgerRow | BadRow): void {
    if (row.invoice === '') {
      this.#strays.push({ line: row.line, invoice: '', reason: 'reason' in row ? row.reason : '' });
      return;
    }
    const summary = this.#summaryOf(row);
    if ('reason' in row) {
      summary.bad++;
      summary.refusal ??= { line: row.line, invoice: row.invoice, reason: row.reason };
    } else {
      addTo(summary, row);
    }
  }

  /** Everything that is not recorded, in the order of the file. */
  refusals(): Refusal[] {
    const refused = [...this.invoices.values()].flatMap(({ refusal }) => refusal ?? []);
    return [...refused, ...this.#strays].sort((one, other) => one.line - other.line);
  }

  /** Customers of the invoices that are recorded, in the order of the file. */
  customers(): Map<string, CustomerSummary> {
    const customers = new Map<string, CustomerSummary & { latest: number }>();
    for (const { refusal, customer, country, reading } of this.invoices.values()) {
      if (refusal !== undefined || customer === '') continue;
      const known = customers.get(customer);
      const first = Math.min(known?.first ?? reading, reading);
      const isLatest = known === undefined || reading >= known.latest;
      customers.set(customer, isLatest ? { first, country, latest: reading } : { ...known, first });
    }
    return customers;
  }

  /** Figures of all rows of the file that can be read, and of the part of them that is not recorded. */
  figures(): { file: Figures; refused: Figures } {
    const all = [...this.invoices];
    const file = figuresOf(all, this.#strays.length);
    const recorded = figuresOf(
      all.filter(([, { refusal }]) => refusal === undefined),
      0,
    );
    return { file, refused: difference(file, recorded) };
  }

  #summaryOf(row: LedgerRow | BadRow): InvoiceSummary {
    let summary = this.invoices.get(row.invoice);
    if (summary === undefined) {
      summary = { rows: 0, bad: 0, customer: '', country: '', reading: 0, totalMinor: 0 };
      this.invoices.set(row.invoice, summary);
    }
    return summary;
  }
}

function addTo(summary: InvoiceSummary, row: LedgerRow): void {
  if (summary.rows === 0) {
    summary.customer = row.customer;
    summary.country = row.country;
    summary.reading = row.reading;
  }
  summary.rows++;
  summary.reading = Math.min(summary.reading, row.reading);
  summary.totalMinor += row.amountMinor;
  const reason = faultAmong(summary, row);
  if (reason !== undefined) summary.refusal ??= { line: row.line, invoice: row.invoice, reason };
}

/** What makes a row that can be read impossible beside the rows of its invoice before it. */
function faultAmong(summary: InvoiceSummary, row: LedgerRow): string | undefined {
  if (row.customer !== summary.customer) {
    return `CustomerID is ${row.customer || 'empty'}, and ${summary.customer || 'empty'} in the invoice's first row`;
  }
  if (summary.rows > MAX_LINES_OF_AN_INVOICE) return `the invoice has more than ${MAX_LINES_OF_AN_INVOICE} lines`;
  return Number.isSafeInteger(summary.totalMinor) ? undefined : "the invoice's total is beyond 2^53 - 1 pence";
}

function figuresOf(invoices: readonly [string, InvoiceSummary][], strays: number): Figures {
  const byKind = { invoice: 0, 'credit-note': 0, adjustment: 0 };
  const customers = new Set<string>();
  let lines = strays;
  let totalMinor = 0n;
  for (const [number, summary] of invoices) {
    byKind[kindOf(number)]++;
    if (summary.customer !== '') customers.add(summary.customer);
    lines += summary.rows + summary.bad;
    totalMinor += BigInt(summary.totalMinor);
  }
  return { lines, transactions: invoices.length, byKind, customers: customers.size, totalMinor };
}

function difference(one: Figures, other: Figures): Figures {
  return {
    lines: one.lines - other.lines,
    transactions: one.transactions - other.transactions,
    byKind: {
      invoice: one.byKind.invoice - other.byKind.invoice,
      'credit-note': one.byKind['credit-note'] - other.byKind['credit-note'],
      adjustment: one.byKind.adjustment - other.byKind.adjustment,
    },
    customers: one.customers - other.customers,
    totalMinor: one.totalMinor - other.totalMinor,
  };
}
