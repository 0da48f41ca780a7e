import type { z } from 'zod';

import type { recordTransaction, registerCustomer } from '@annals/contracts';

import { countryCode } from './countries.js';
import type { LedgerRow } from './ledger-row.js';
import { kindOf, type CustomerSummary, type InvoiceSummary } from './survey.js';
import { ZonedTime } from './zoned-time.js';

/** The source system that the ledger's records come from. */
export const SYSTEM = 'retail';

/** The ledger's dates have no zone: the shop is in London. */
const london = new ZonedTime('Europe/London');

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const offsets = new Map<number, number>();

/** Offsets change at full hours only; the ledger has some 3,000 different ones, so asking once an hour is enough. */
function instantOf(reading: number): string {
  const hour = Math.floor(reading / HOUR_MS) * HOUR_MS;
  let instant = offsets.get(hour);
  if (instant === undefined) {
    instant = london.instantOf(hour);
    if (offsets.size < 100_000) offsets.set(hour, instant);
  }
  return new Date(instant + reading - hour).toISOString();
}

function metaOf(importId: string, recordId: string, reading: number) {
  return {
    source: { system: SYSTEM, recordId, importId },
    occurredAt: instantOf(reading),
    precision: reading % MINUTE_MS === 0 ? ('minute' as const) : ('instant' as const),
    zone: london.zone,
  };
}

/**
 * The command that registers a customer of the ledger.
 *
 * @param importId - this run's: a line that is sent twice in one run is one command, and is answered as the first
 * time; in another run it is another command, which finds that the record is there and changes nothing
 */
export function customerOf(importId: string, id: string, { first, country }: CustomerSummary): z.input<typeof registerCustomer> {
  const code = countryCode(country);
  return {
    key: `${importId}:customer:${id}`,
    meta: metaOf(importId, id, first),
    kind: 'person',
    contactPoints: [],
    reference: { system: SYSTEM, id },
    ...(code === undefined ? {} : { country: code }),
    ...(country === '' ? {} : { attributes: { 'source-country': { type: 'text', value: country } } }),
  };
}

/** JSON leaves out members that are undefined. */
function lineOf({ sku, description, quantity, unitPrice, amountMinor }: LedgerRow) {
  return { sku: sku || undefined, description: description || undefined, quantity, unitPrice, amountMinor };
}

/** An invoice, credit note or adjustment with all its rows. */
export interface Invoice extends InvoiceSummary {
  readonly number: string;
  readonly lines: readonly LedgerRow[];
}

/**
 * The command that records an invoice, a credit note or an adjustment of the ledger.
 *
 * @param importId - this run's; see `customerOf`
 * @param customerId - the id that the customer has in Annals; undefined for an invoice without one
 */
export function transactionOf(importId: string, invoice: Invoice, customerId: string | undefined): z.input<typeof recordTransaction> {
  const { number, lines, country, reading, totalMinor } = invoice;
  const code = countryCode(country);
  return {
    key: `${importId}:transaction:${number}`,
    meta: metaOf(importId, number, reading),
    kind: kindOf(number),
    number,
    reference: { system: SYSTEM, id: number },
    parties: customerId === undefined ? [] : [{ customerId, role: 'buyer' }],
    issuedOn: new Date(reading).toISOString().slice(0, 10),
    currency: 'GBP',
    lines: lines.map(lineOf),
    totalMinor,
    ...(code === undefined ? {} : { country: code }),
  };
}
