import { z } from 'zod';

import { code, externalReference, instant, language, mediaType, personalText, publicText, uuid } from '../text.js';

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
