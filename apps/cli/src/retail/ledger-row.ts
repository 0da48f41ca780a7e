import { amountMinorOf, isDecimal } from './amount.js';
import type { CsvRow } from './csv-rows.js';

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

const DATE = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2})(?::(\d{2}))?$/;

function parsedReading(text: string): number | undefined {
  const parts = DATE.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  const reading = Date.UTC(year, month - 1, day, hour, minute, second);
  // 30 February becomes 2 March, and 25:00 the next day: only what reads back as it was written is a date.
  const asWritten = new Date(reading).toISOString().replace('T', ' ');
  return asWritten.startsWith(text) && year > 0 ? reading : undefined;
}

const CUSTOMER = /^(\d{1,15})(?:\.0+)?$/;

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);

/** Reads rows one after another: neighbours share their date, which is read once. */
export class LedgerRows {
  #date = '';
  #reading: number | undefined;

  read(row: CsvRow): LedgerRow | BadRow {
    const [invoice = '', sku = '', description = '', quantity = '', date = '', unitPrice = '', id = '', country = ''] = row.fields;
    const { line } = row;
    if (row.fault !== undefined) return { line, invoice, reason: row.fault };
    const reading = this.#readingOf(date);
    const customer = id === '' ? '' : CUSTOMER.exec(id)?.[1];
    const reason = faultOf({ invoice, sku, description, quantity, unitPrice, country });
    if (reason !== undefined) return { line, invoice, reason };
    if (reading === undefined) return { line, invoice, reason: `InvoiceDate ${shown(date)} is not a date and time` };
    if (customer === undefined) return { line, invoice, reason: `CustomerID ${shown(id)} is not a number` };
    const amountMinor = amountMinorOf(quantity, unitPrice);
    if (amountMinor === undefined) return { line, invoice, reason: 'Quantity x UnitPrice is beyond 2^53 - 1 pence' };
    return { line, invoice, sku, description, quantity, unitPrice, amountMinor, reading, customer, country };
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
