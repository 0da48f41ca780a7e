import { z } from 'zod';

import {
  calendarDate,
  code,
  codeMap,
  country,
  department,
  externalReference,
  language,
  personal,
  personalText,
  publicText,
  reason,
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

/** A name in a script that is said beside it. */
const nameInScript = personal(name.omit({ script: true }));

/** The first version of `customerRegistered`. */
export const customerRegisteredV1 = z.object({
  kind: z.enum(['person', 'organisation']),
  name: profile.name.optional(),
  contactPoints: z.array(contactPoint).max(50),
  reference: externalReference().optional(),
  language: profile.language.optional(),
  country: profile.country.optional(),
  zone: profile.zone.optional(),
  attributes: attributes.optional(),
});

/** A customer is known: by a name, a contact point, a reference, or nothing but an id. */
export const customerRegistered = customerRegisteredV1.extend({
  /** The name in other scripts, by their ISO 15924 codes in lower case: `latn`, `hans`. */
  names: codeMap(nameInScript, 10).optional(),
});

/** The first version of `customerProfileChanged`. */
export const customerProfileChangedV1 = z.object({
  name: profile.name.nullable().optional(),
  language: profile.language.nullable().optional(),
  country: profile.country.nullable().optional(),
  zone: profile.zone.nullable().optional(),
  birthday: personal(calendarDate()).nullable().optional(),
  attributes: codeMap(attribute.nullable(), 100).optional(),
});

/** Only what changed; null takes a value away. */
export const customerProfileChanged = customerProfileChangedV1.extend({
  /** The name in other scripts, by their ISO 15924 codes in lower case: each is a value of its own. */
  names: codeMap(nameInScript.nullable(), 10).optional(),
});

/** One more way to reach the customer. Its id is never another's, also after it is removed. */
export const contactPointAdded = contactPoint;

/** Somebody has seen that the contact point is the customer's: by a `link`, a `call`, a `document`. */
export const contactPointVerified = z.object({ id: uuid(), method: code().optional() });

/** It is no longer a way to reach the customer: `moved`, or it never was: `wrong-person`. */
export const contactPointRemoved = z.object({ id: uuid(), reason: reason().optional() });

/** Another system's name for the customer; it is claimed on a stream of its own before this is written. */
export const referenceAdded = externalReference();

/** It no longer names this customer; its claim is released after this is written. */
export const referenceRemoved = externalReference();

/** Who looks after the customer in one role (`owner`, `success`, `collector`): in place of whoever did before. */
export const customerAssigned = z.object({ role: code(), staffId: publicText(200).optional(), department: department() });

/** Nobody looks after the customer in that role any more. */
export const customerUnassigned = z.object({ role: code() });

/** A word that groups customers. */
export const customerTagged = z.object({ tag: publicText(100) });

/** The customer is no longer in that group. */
export const customerUntagged = customerTagged;

/** Nothing is to be done for the customer any more: closed, moved away, dissolved. */
export const customerDeactivated = z.object({ reason: reason() });

/** The customer is back. */
export const customerReactivated = customerDeactivated;

/** What suggests that this customer and another are one is declined: they are two. */
export const duplicateDismissed = z.object({ other: uuid(), reason: reason() });

/** That was said wrongly: they may be one after all. */
export const duplicateDismissalWithdrawn = duplicateDismissed;

/** The customer does not want to be put into segments. */
export const profilingObjected = z.object({ reason: reason().optional() });

/** The customer has taken that back. */
export const profilingAllowed = profilingObjected;
