import { z } from 'zod';

import {
  calendarDate,
  code,
  codeMap,
  country,
  externalReference,
  language,
  personal,
  personalText,
  textWithin,
  timeZoneName,
  uuid,
} from '../text.js';

/** A person's or organisation's name, in one script. Sealed as a whole. */
export const name = z.object({
  full: textWithin(300),
  family: textWithin(200).optional(),
  given: textWithin(200).optional(),
  order: z.enum(['family-first', 'given-first']).optional(),
  script: code().optional(),
  phonetic: textWithin(300).optional(),
});

/** Where a customer can be reached: as it was given, and in normal form where it parses. */
export const contactPoint = z.object({
  id: uuid(),
  kind: code(),
  raw: personalText(500),
  normalised: personalText(500).optional(),
});

/** A typed attribute; texts are personal. */
export const attribute = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('text'), value: personalText(1_000) }),
    z.object({ type: z.literal('number'), value: z.number() }),
    z.object({ type: z.literal('boolean'), value: z.boolean() }),
    z.object({ type: z.literal('date'), value: calendarDate() }),
    z.object({ type: z.literal('code'), value: code() }),
  ],
  { error: 'has no type of text, number, boolean, date or code' },
);

/** Attributes by name. */
export const attributes = codeMap(attribute, 100);

const profile = {
  name: personal(name),
  language: language(),
  country: country(),
  zone: timeZoneName(),
};

/** A customer is known: by a name, a contact point, a reference, or nothing but an id. */
export const customerRegistered = z.object({
  kind: z.enum(['person', 'organisation']),
  name: profile.name.optional(),
  contactPoints: z.array(contactPoint).max(50),
  reference: externalReference().optional(),
  language: profile.language.optional(),
  country: profile.country.optional(),
  zone: profile.zone.optional(),
  attributes: attributes.optional(),
});

/** Only what changed; null takes a value away. */
export const customerProfileChanged = z.object({
  name: profile.name.nullable().optional(),
  language: profile.language.nullable().optional(),
  country: profile.country.nullable().optional(),
  zone: profile.zone.nullable().optional(),
  birthday: personal(calendarDate()).nullable().optional(),
  attributes: codeMap(attribute.nullable(), 100).optional(),
});

/** One more way to reach the customer. */
export const contactPointAdded = contactPoint;
