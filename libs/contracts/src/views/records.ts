import { z } from 'zod';

import { changedBy, communicationLogged, direction, medium } from '../communications/events.js';
import { name } from '../customers/events.js';
import { party, transactionRecorded } from '../transactions/events.js';
import { calendarDate, code, country, currency, externalReference, instant, personal, personalText, publicText, uuid } from '../text.js';
import { page } from './pages.js';

/** A customer whom a record concerns; the name of one who lies within the scope. */
const concerned = z.object({ id: uuid(), name: personal(name).nullable() });

const base = {
  id: uuid(),
  department: publicText(200),
  reference: externalReference().nullable(),
  /** Place in the record's own stream that is shown. */
  revision: z.int(),
};

/** How a call ended that nobody took. Other dispositions, and none, say nothing about that. */
export const MISSED_DISPOSITIONS: ReadonlySet<string> = new Set(['missed', 'no-answer', 'busy', 'abandoned', 'voicemail']);

/** One row of a list of communications. */
export const communicationSummary = z.object({
  ...base,
  medium,
  platform: code().nullable(),
  direction,
  purpose: code(),
  disposition: code().nullable(),
  startedAt: instant(),
  answeredAt: instant().nullable(),
  endedAt: instant().nullable(),
  title: personalText(500).nullable(),
  /** The first 200 characters of the words. */
  text: personalText(200).nullable(),
  /** The conversation that it is part of, and the id by which `?conversation=` lists that. */
  conversation: communicationLogged.shape.conversation.unwrap().extend({ id: uuid() }).nullable(),
  customers: z.array(concerned.extend({ as: communicationLogged.shape.subjects.element.shape.as })),
  /** Where it is not to be read as said. */
  retracted: z.object({ at: instant(), by: changedBy, reason: code() }).nullable(),
});

/** `communicationSummary` parsed. */
export type CommunicationSummary = z.infer<typeof communicationSummary>;

/** One row of a list of transactions. */
export const transactionSummary = z.object({
  ...base,
  kind: transactionRecorded.shape.kind,
  number: publicText(100).nullable(),
  at: instant(),
  issuedOn: calendarDate(),
  currency: currency(),
  totalMinor: z.int(),
  lines: z.int(),
  country: country().nullable(),
  cancelled: z.boolean(),
  customers: z.array(concerned.extend({ role: party.shape.role })),
});

/** `transactionSummary` parsed. */
export type TransactionSummary = z.infer<typeof transactionSummary>;

/** How many a list holds, where that was asked for: exact up to 10,000 at least; `more` where there are more than `value`. */
const count = z.object({ value: z.int(), more: z.boolean() }).nullable();

/** `GET /communications` */
export const communicationPage = page(communicationSummary).extend({ count });

/** `communicationPage` parsed. */
export type CommunicationPage = z.infer<typeof communicationPage>;

/** `GET /transactions` */
export const transactionPage = page(transactionSummary).extend({ count });

/** `transactionPage` parsed. */
export type TransactionPage = z.infer<typeof transactionPage>;
