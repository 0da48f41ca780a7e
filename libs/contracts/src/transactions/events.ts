import { z } from 'zod';

import {
  amountMinor,
  calendarDate,
  code,
  country,
  currency,
  decimal,
  externalReference,
  publicText,
  reason,
  uuid,
} from '../text.js';

/** One line: amountMinor = round(quantity x unitPrice) - discountMinor + roundingMinor, exactly. */
export const line = z.object({
  sku: publicText(100).optional(),
  description: publicText(500).optional(),
  quantity: decimal(),
  unitPrice: decimal(),
  discountMinor: amountMinor().optional(),
  taxMinor: amountMinor().optional(),
  roundingMinor: amountMinor().optional(),
  amountMinor: amountMinor(),
});

/** A charge (postage, fee) or discount of the document as a whole. */
const adjustmentOfDocument = z.object({
  code: code(),
  description: publicText(500).optional(),
  amountMinor: amountMinor(),
});

/** A customer's part in the transaction. */
export const party = z.object({ customerId: uuid(), role: z.enum(['buyer', 'payer', 'recipient']) });

/** Something was ordered, billed, paid or given back. */
export const transactionRecorded = z.object({
  kind: z.enum(['order', 'invoice', 'payment', 'refund', 'credit-note', 'adjustment']),
  number: publicText(100).optional(),
  reference: externalReference().optional(),
  parties: z.array(party).max(20),
  issuedOn: calendarDate(),
  currency: currency(),
  lines: z.array(line).max(5_000),
  charges: z.array(adjustmentOfDocument).max(100).optional(),
  discounts: z.array(adjustmentOfDocument).max(100).optional(),
  totalMinor: amountMinor(),
  related: z
    .array(z.object({ id: uuid(), kind: code(), amountMinor: amountMinor().optional() }))
    .max(100)
    .optional(),
  country: country().optional(),
});

/** It no longer counts. */
export const transactionCancelled = z.object({ reason: reason() });

/** Somebody else has a part in it too. Said of the record, not of a time: the newest word counts, however it is dated. */
export const transactionAttributed = z.object({ party });

/** That customer has no such part in it. */
export const transactionUnattributed = z.object({ party });
