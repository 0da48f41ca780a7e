import { amountMinorOf, isDecimal } from './amount.js';
import type { CsvRow } from '../files/csv-rows.js';

/** The first row of the file, in this order. */
export const COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;

/** One row of the ledger, read. */
export interface LedgerRow {
  readonly line: number;
  readonly invoice: string;
  readonly sku: string;
  readonly description: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amountMinor: number;
  /** The wall clock's reading, as though it were UTC, in milliseconds since 1970. */
  readonly reading: number;
  /** Empty where the ledger names none. */
  readonly customer: string;
  readonly country: string;
}

/** A row that cannot be read, and the invoice that it would belong to (empty where even that is not known). */
export interface BadRow {
  readonly line: number;
  readonly invoice: string;
  readonly reason: string;
}

const MAX_TEXT = { InvoiceNo: 100, StockCode: 100, Description: 500, Country: 100 } as const;

/** Why a text cannot be stored. */
function faultOfText(column: keyof typeof MAX_TEXT, text: string): string | undefined {
  if (text.length > MAX_TEXT[column]) return `${column} is longer than ${MAX_TEXT[column]} characters`;
  return text.includes('\u0000') ? `${column} holds U+0000` : undefined;
}

const DATE = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?$/;

function parsedReading(text: string): number | undefined {
  if (!DATE.test(text)) return undefined;
  const reading = Date.parse(`${text.replace(' ', 'T')}Z`);
  // 30 February may be read as 2 March: only what reads back as it was written is a date.
  const isDate = !Number.isNaN(reading) && new Date(reading).toISOString().replace('T', ' ').startsWith(text);
  return isDate ? reading : undefined;
}

const CUSTOMER = /^(\d{1,15})(?:\.0+)?$/;

/** `17850.0` is 17850; empty where there is none. */
function customerOf(id: string): string | undefined {
  return id === '' ? '' : CUSTOMER.exec(id)?.[1];
}

/** The fields of a row that has no fault: `CsvRows` has counted them. */
type Columns = readonly [invoice: string, sku: string, description: string, quantity: string, date: string, unitPrice: string, id: string, country: string];

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);

/** Reads rows one after another: neighbours share their date, which is read once. */
export class LedgerRows {
  #date = '';
  #reading: number | undefined;

  read(row: CsvRow): LedgerRow | BadRow {
    const { line, fault } = row;
    const [invoice, sku, description, quantity, date, unitPrice, id, country] = row.fields as Columns;
    if (fault !== undefined) return { line, invoice, reason: fault };
    const texts = { invoice, sku, description, quantity, unitPrice, country };
    const reason = faultOf(texts);
    if (reason !== undefined) return { line, invoice, reason };
    const reading = this.#readingOf(date);
    if (reading === undefined) return { line, invoice, reason: `InvoiceDate ${shown(date)} is not a date and time` };
    const customer = customerOf(id);
    if (customer === undefined) return { line, invoice, reason: `CustomerID ${shown(id)} is not a number` };
    const amountMinor = amountMinorOf(quantity, unitPrice);
    if (amountMinor === undefined) return { line, invoice, reason: 'Quantity x UnitPrice is beyond 2^53 - 1 pence' };
    return { line, ...texts, amountMinor, reading, customer };
  }

  #readingOf(date: string): number | undefined {
    if (date !== this.#date) {
      this.#date = date;
      this.#reading = parsedReading(date);
    }
    return this.#reading;
  }
}

type Texts = Pick<LedgerRow, 'invoice' | 'sku' | 'description' | 'quantity' | 'unitPrice' | 'country'>;

function faultOf({ invoice, sku, description, quantity, unitPrice, country }: Texts): string | undefined {
  if (invoice === '') return 'InvoiceNo is empty';
  if (!isDecimal(quantity)) return `Quantity ${shown(quantity)} is not a decimal number`;
  if (!isDecimal(unitPrice)) return `UnitPrice ${shown(unitPrice)} is not a decimal number`;
  return (
    faultOfText('InvoiceNo', invoice) ??
    faultOfText('StockCode', sku) ??
    faultOfText('Description', description) ??
    faultOfText('Country', country)
  );
}
