import { z } from 'zod';

import { changedBy, communicationLogged, direction, medium } from '../communications/events.js';
import { calendarDate, code, currency, instant, personalText, publicText, uuid } from '../text.js';
import { followUp } from './follow-ups.js';

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
  /** The conversation that it is part of, and the id by which `?conversation=` opens that. */
  conversation: communicationLogged.shape.conversation.unwrap().extend({ id: uuid() }).nullable(),
  /** What its providers' reports come to. */
  delivery: z.object({ status: code(), attempt: z.int(), at: instant() }).nullable(),
  /** How often what is shown was put right or edited, and when and by whom last. */
  amended: z.object({ times: z.int(), at: instant(), by: changedBy }).nullable(),
  /** Where it is not to be read as said. */
  retracted: z.object({ at: instant(), by: changedBy, reason: code() }).nullable(),
  /** How many annotations stand. */
  annotations: z.int(),
});

/** What was said in one conversation, as far as it fits what was asked for: two messages or more, which `?conversation=` opens. */
const conversationEntry = z.object({
  kind: z.literal('conversation'),
  /** Of the conversation. */
  id: uuid(),
  /** Of the latest message that fits, at which the conversation stands. */
  at: instant(),
  platform: communicationLogged.shape.conversation.unwrap().shape.platform,
  key: communicationLogged.shape.conversation.unwrap().shape.key,
  /** How many messages fit. */
  messages: z.int(),
  /** Of the first message that fits. */
  firstAt: instant(),
  media: z.array(medium),
  directions: z.array(direction),
  /** The latest message that fits. */
  latest: communicationEntry,
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

/** An entry about something that is to be done. */
const followUpEntry = followUp.omit({ id: true, department: true, revision: true }).extend({ ...base, kind: z.literal('follow-up') });

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
  conversationEntry,
  transactionEntry,
  customerEntry,
  followUpEntry,
  segmentEntry,
]);

/** `timelineEntry` parsed. */
export type TimelineEntry = z.infer<typeof timelineEntry>;
