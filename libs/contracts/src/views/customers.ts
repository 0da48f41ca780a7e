import { z } from 'zod';

import { attributes, contactPoint, customerRegistered, name } from '../customers/events.js';
import { transactionRecorded } from '../transactions/events.js';
import { calendarDate, code, country, currency, externalReference, instant, language, personal, publicText, timeZoneName, uuid } from '../text.js';
import { followUp } from './follow-ups.js';
import { page } from './pages.js';

/** Sums in one currency, in minor units. They are never added to one another. */
export const amounts = z.object({
  currency: currency(),
  orderedMinor: z.int(),
  billedMinor: z.int(),
  paidMinor: z.int(),
});

/** How often, and when last, a customer was in contact on one medium. */
export const contactCount = z.object({ medium: code(), count: z.int(), lastAt: instant().nullable() });

/** The segment that a customer is in, of one segmentation. */
export const currentSegment = z.object({
  segmentation: uuid(),
  segment: uuid(),
  name: z.object({ en: publicText(100), zh: publicText(100) }),
  since: instant(),
  model: z.int(),
});

/** Who looks after a customer in one role. */
export const currentAssignment = z.object({ role: code(), staffId: publicText(200).nullable(), department: publicText(200) });

/** One of the latest transactions on a card. */
export const latestTransaction = z.object({
  id: uuid(),
  at: instant(),
  department: publicText(200),
  kind: code(),
  number: publicText(100).nullable(),
  issuedOn: calendarDate(),
  currency: currency(),
  totalMinor: z.int(),
  cancelled: z.boolean(),
  /** The customer's own parts in it. */
  roles: z.array(transactionRecorded.shape.parties.element.shape.role),
  /** Transactions that it says it has to do with: the order of an invoice, the invoice of a payment. */
  related: z.array(z.object({ id: uuid(), kind: code(), amountMinor: z.int().nullable() })),
});

/** `GET /customers/:id`: the 360 degree card. */
export const customerCard = z.object({
  id: uuid(),
  kind: z.enum(['person', 'organisation']).nullable(),
  department: publicText(200),
  name: personal(name).nullable(),
  /** The name in other scripts. */
  names: customerRegistered.shape.names.unwrap(),
  language: language().nullable(),
  country: country().nullable(),
  zone: timeZoneName().nullable(),
  birthday: personal(publicText(10)).nullable(),
  attributes,
  /** With when it was seen to be the customer's; null where nobody has. */
  contactPoints: z.array(contactPoint.extend({ verifiedAt: instant().nullable() })),
  references: z.array(externalReference()),
  assignments: z.array(currentAssignment),
  tags: z.array(publicText(100)),
  /** False where nothing is to be done for the customer any more. */
  active: z.boolean(),
  /** True where the customer does not want to be put into segments. */
  objectsToProfiling: z.boolean(),
  registeredAt: instant().nullable(),
  amounts: z.array(amounts),
  /** Transactions that count (recorded and not cancelled), by kind. */
  transactions: z.record(code(), z.int()),
  /** The latest ones, cancelled ones too. */
  latestTransactions: z.array(latestTransaction),
  contacts: z.array(contactCount),
  /** Those that are open, the first that is due first. */
  followUps: z.array(followUp),
  segments: z.array(currentSegment),
  /** Place in the customer's own stream that the card shows; -1 where the customer is not registered yet. */
  revision: z.int(),
});

/** `customerCard` parsed. */
export type CustomerCard = z.infer<typeof customerCard>;

/** One row of a list of customers. */
export const customerSummary = customerCard
  .pick({ id: true, kind: true, department: true, name: true, country: true, references: true, tags: true, assignments: true, active: true, registeredAt: true })
  .extend({
    /** When the customer was last in contact, on any medium. */
    lastContactAt: instant().nullable(),
    billed: z.array(z.object({ currency: currency(), billedMinor: z.int() })),
  });

/** `customerSummary` parsed. */
export type CustomerSummary = z.infer<typeof customerSummary>;

/** What two customers have alike: a contact point, or a reference of one system that is written in several ways. */
export const likeness = z.discriminatedUnion('of', [
  z.object({ of: z.literal('contact-point'), kind: code() }),
  z.object({ of: z.literal('reference'), system: code() }),
]);

/** One row of `GET /customers/duplicates`: customers who may be one. Nothing is merged by itself. */
export const possibleDuplicate = z.object({
  /** Both of a pair; the first five of those who share what more than twenty have. */
  customers: z.array(customerSummary),
  /** Two, or how many share it: exact up to 1,000; `more` where there are more than `value`. */
  count: z.object({ value: z.int(), more: z.boolean() }),
  reasons: z.array(likeness),
  /** Since when both have what they have alike, as the customers' own records date it; null for what more than twenty share. */
  since: instant().nullable(),
});

/** `possibleDuplicate` parsed. */
export type PossibleDuplicate = z.infer<typeof possibleDuplicate>;

/** `GET /customers` and `POST /customers/search`: a page, and how many there are where that was asked for. */
export const customerPage = page(customerSummary).extend({
  /** Exact up to 10,000; `more` where there are more than `value`. */
  count: z.object({ value: z.int(), more: z.boolean() }).nullable(),
});

/** `customerPage` parsed. */
export type CustomerPage = z.infer<typeof customerPage>;
