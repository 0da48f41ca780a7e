import { z } from 'zod';

import { code, externalReference, instant, language, mediaType, personalText, publicText, reason, uuid } from '../text.js';

/** The kinds of medium; what does not fit is `other`. */
export const medium = z.enum(['voice', 'message', 'email', 'meeting', 'post', 'web', 'note', 'other']);

/** Which way it went, seen from the organisation. */
export const direction = z.enum(['inbound', 'outbound', 'internal']);

/** An address that was used: a fact, whoever it may belong to. Its key is the contact point's. */
export const address = z.object({
  kind: code(),
  raw: personalText(500, 'address'),
  normalised: personalText(500, 'address').optional(),
});

/** One who took part. Never changed by linking. */
export const participant = z.object({
  role: code(),
  address: address.optional(),
  staffId: publicText(200).optional(),
  name: personalText(300, 'address').optional(),
  joinedAt: instant().optional(),
  leftAt: instant().optional(),
});

/** What or whom a communication concerns. */
export const subjectRef = z.union(
  [
    z.object({ customer: uuid() }),
    z.object({ transaction: uuid() }),
    z.object({ system: code(), type: code(), id: publicText(200) }),
  ],
  { error: 'is not {customer}, {transaction} or {system, type, id}' },
);

/** An opinion: this communication concerns that record. */
export const subject = z.object({
  ref: subjectRef,
  as: z.enum(['party', 'on-behalf-of', 'about']),
  linkedBy: publicText(200),
  basis: z.enum(['address', 'reference', 'person', 'rule']),
});

/** A piece of the content. Text up to 64 KiB lies in the event; larger content goes to a content store. */
export const part = z.object({
  id: uuid(),
  role: code(),
  mediaType: mediaType(),
  language: language().optional(),
  name: personalText(300).optional(),
  bytes: z.int().min(0).optional(),
  digest: publicText(128).optional(),
  text: personalText(65_536).optional(),
});

/** Something was said, on whatever channel. */
export const communicationLogged = z.object({
  medium,
  platform: code().optional(),
  direction,
  purpose: code(),
  participants: z.array(participant).max(500),
  subjects: z.array(subject).max(50),
  conversation: z.object({ platform: code(), key: publicText(200) }).optional(),
  inReplyTo: uuid().optional(),
  startedAt: instant(),
  answeredAt: instant().optional(),
  endedAt: instant().optional(),
  disposition: code().optional(),
  outcome: personalText(4_000).optional(),
  title: personalText(500).optional(),
  parts: z.array(part).max(50),
  reference: externalReference().optional(),
});

/** One more subject. */
export const communicationLinked = z.object({ subject });

/** One subject less: the opinion that this communication concerns that record is withdrawn. */
export const communicationUnlinked = z.object({ subject: subject.pick({ ref: true, as: true }), reason: reason().optional() });

/** What was suggested by an address is declined: none of these customers took part. */
export const communicationMatchDismissed = z.object({ customers: z.array(uuid()).min(1).max(50), reason: reason().optional() });

/** Who changed or recalled it: the organisation's staff, or the sender on the platform itself. */
export const changedBy = z.enum(['staff', 'sender']);

const content = communicationLogged.omit({ subjects: true, reference: true });

/** Fields of a communication that an amendment sets, each in full; null takes one away. */
export const amendedFields = content.partial().extend({
  platform: content.shape.platform.nullable(),
  conversation: content.shape.conversation.nullable(),
  inReplyTo: content.shape.inReplyTo.nullable(),
  answeredAt: content.shape.answeredAt.nullable(),
  endedAt: content.shape.endedAt.nullable(),
  disposition: content.shape.disposition.nullable(),
  outcome: content.shape.outcome.nullable(),
  title: content.shape.title.nullable(),
});

/** What was recorded is put right, or was edited on the platform: only what changed. */
export const communicationAmended = z.object({ changed: amendedFields, reason: reason(), by: changedBy });

/** It is not to be read as said: recorded in error, or recalled. */
export const communicationRetracted = z.object({ reason: reason(), by: changedBy });

/** What a provider says became of an outbound communication. Reports come in any order and every one is kept. */
export const deliveryReported = z.object({
  status: code(),
  attempt: z.int().min(1).max(1_000),
  error: z.object({ code: publicText(100).optional(), detail: publicText(1_000).optional() }).optional(),
  providerAt: instant(),
});

/** Where a derived fact comes from: a model, and the events that it rests on. Never in place of the words themselves. */
export const derivation = z.object({ model: publicText(200), events: z.array(uuid()).min(1).max(100) });

/** A remark on a communication: a person's, or a fact derived by a model (summary, topic, sentiment, transcript). */
export const annotationAdded = z.object({
  id: uuid(),
  kind: code(),
  text: personalText(65_536),
  language: language().optional(),
  /** A staff id, or the name of the service that annotates. */
  author: publicText(200),
  derived: derivation.optional(),
});

/** The annotation says this now, in full; without `derived` it is the author's own. */
export const annotationAmended = annotationAdded.omit({ kind: true });

/** The annotation no longer stands. */
export const annotationRemoved = z.object({ id: uuid(), reason: reason().optional() });
