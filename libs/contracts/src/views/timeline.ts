import { z } from 'zod';

import { direction, medium } from '../communications/events.js';
import { calendarDate, code, currency, instant, personalText, publicText, uuid } from '../text.js';

const base = {
  /** Names the entry for ever: the stream's id, or the event's where each event is an entry. */
  id: uuid(),
  at: instant(),
  department: publicText(200),
  stream: publicText(100),
  revision: z.int(),
};

/** An entry about something said. */
const communicationEntry = z.object({
  ...base,
  kind: z.literal('communication'),
  medium,
  platform: code().nullable(),
  direction,
  purpose: code(),
  disposition: code().nullable(),
  title: personalText(500).nullable(),
  /** The first 500 characters of the words. */
  text: personalText(500).nullable(),
  participants: z.int(),
  endedAt: instant().nullable(),
});

/** An entry about something ordered, billed or paid. */
const transactionEntry = z.object({
  ...base,
  kind: z.literal('transaction'),
  transactionKind: code(),
  number: publicText(100).nullable(),
  issuedOn: calendarDate(),
  currency: currency(),
  totalMinor: z.int(),
  lines: z.int(),
  cancelled: z.boolean(),
});

/** An entry about the customer's own record. */
const customerEntry = z.object({
  ...base,
  kind: z.literal('customer'),
  event: publicText(100),
  /** The names of the fields that the event set. */
  changed: z.array(publicText(100)),
});

/** An entry about a change of segment. */
const segmentEntry = z.object({
  ...base,
  kind: z.literal('segment'),
  segmentation: uuid(),
  from: uuid().nullable(),
  to: uuid().nullable(),
  fromName: publicText(100).nullable(),
  toName: publicText(100).nullable(),
});

/** One entry of `GET /customers/:id/timeline`. */
export const timelineEntry = z.discriminatedUnion('kind', [
  communicationEntry,
  transactionEntry,
  customerEntry,
  segmentEntry,
]);

/** `timelineEntry` parsed. */
export type TimelineEntry = z.infer<typeof timelineEntry>;
