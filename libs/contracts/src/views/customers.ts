import { z } from 'zod';

import { attributes, contactPoint, name } from '../customers/events.js';
import { code, country, currency, externalReference, instant, language, personal, publicText, timeZoneName, uuid } from '../text.js';

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

/** `GET /customers/:id`: the 360 degree card. */
export const customerCard = z.object({
  id: uuid(),
  kind: z.enum(['person', 'organisation']).nullable(),
  department: publicText(200),
  name: personal(name).nullable(),
  language: language().nullable(),
  country: country().nullable(),
  zone: timeZoneName().nullable(),
  birthday: personal(publicText(10)).nullable(),
  attributes,
  contactPoints: z.array(contactPoint),
  references: z.array(externalReference()),
  registeredAt: instant().nullable(),
  amounts: z.array(amounts),
  /** Transactions that count (recorded and not cancelled), by kind. */
  transactions: z.record(code(), z.int()),
  contacts: z.array(contactCount),
  segments: z.array(currentSegment),
  /** Place in the customer's own stream that the card shows; -1 where the customer is not registered yet. */
  revision: z.int(),
});

/** `customerCard` parsed. */
export type CustomerCard = z.infer<typeof customerCard>;

/** One row of a list of customers. */
export const customerSummary = customerCard.pick({
  id: true,
  kind: true,
  department: true,
  name: true,
  country: true,
  references: true,
});

/** `customerSummary` parsed. */
export type CustomerSummary = z.infer<typeof customerSummary>;
