import { z } from 'zod';

/** Who holds the key of a personal field: its own stream, or the contact point that it belongs to. */
export type KeyHolder = 'stream' | 'address';

/**
 * A personal field whose key was destroyed. It can be read everywhere and sent by nobody: no JSON body
 * parses to an instance of this class.
 */
export class Erased {
  toJSON(): { erased: true } {
    return { erased: true };
  }
}

/** The one marker of an erased field. */
export const ERASED = Object.freeze(new Erased());

/** Marks of personal schemas: read by the codec that seals, and by the tests that no text goes unmarked. */
export const personalFields = z.registry<{ holder: KeyHolder }>();

/** Marks of texts that are public: codes, names of goods, identifiers without a person in them. */
export const publicFields = z.registry<{ public: true }>();

const storable = (value: string): boolean => !value.includes('\u0000') && value.isWellFormed();

/**
 * The same schema, which takes a text that passes all its checks without going from one to the next: that is most
 * of what parsing costs.
 *
 * @param passes - false for every text that a check refuses; it may be false for others
 */
function quick(schema: z.ZodString, passes: (value: string) => boolean): z.ZodString {
  const { run } = schema._zod;
  schema._zod.run = (payload, context) => (typeof payload.value === 'string' && passes(payload.value) ? payload : run(payload, context));
  return schema;
}

const bounded = (max: number): z.ZodString =>
  quick(
    z
      .string()
      .min(1)
      .max(max)
      .refine(storable, { error: 'holds U+0000 or an unpaired surrogate' }),
    // A text has no more code points than code units.
    (value) => value.length > 0 && value.length <= max && storable(value),
  );

const erased = z.instanceof(Erased);

/**
 * Marks a field as personal: it is sealed in the log and may be read as `ERASED`.
 *
 * @param schema - the field when it is readable, of any JSON shape
 * @param holder - `address` where the key belongs to the contact point beside it: the enclosing object
 * has `kind` and `raw` itself, or an `address` that has; the stream's key where neither is so
 */
export function personal<S extends z.ZodType>(schema: S, holder: KeyHolder = 'stream') {
  const field = z.union([schema, erased]);
  personalFields.add(field, { holder });
  return field;
}

/** A personal field's schema without `ERASED`; any other schema as it is. */
export function readableForm(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const [readable, alternative] = def.type === 'union' ? def.options : [];
  return readable !== undefined && alternative === erased ? readable : schema;
}

/** A personal text of 1 to `max` Unicode code points. */
export const personalText = (max: number, holder: KeyHolder = 'stream') => personal(bounded(max), holder);

/** The data of any event, opened, in an answer: personal as a whole, since it may hold personal texts. */
export const openedData = () => z.record(publicText(100), z.json()).register(personalFields, { holder: 'stream' });

/** A text inside a personal object, which is sealed as a whole. */
export const textWithin = (max: number): z.ZodString => bounded(max).register(publicFields, { public: true });

/** A public text of 1 to `max` Unicode code points. */
export const publicText = (max: number): z.ZodString => bounded(max).register(publicFields, { public: true });

const pattern = (regex: RegExp, max: number, error: string): z.ZodString =>
  quick(z.string().max(max).regex(regex, { error, abort: true }), (value) => value.length <= max && regex.test(value)).register(publicFields, {
    public: true,
  });

/** An open code: lower-case kebab, up to 64. */
export const code = (): z.ZodString => pattern(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 64, 'is not a lower-case kebab code');

/** A department's path, `emea/uk/support`. */
export const department = (): z.ZodString =>
  pattern(/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\/[a-z0-9]+(?:-[a-z0-9]+)*)*$/, 200, 'is not a department path');

/** ISO 3166-1 alpha-2. */
export const country = (): z.ZodString => pattern(/^[A-Z]{2}$/, 2, 'is not an ISO 3166-1 alpha-2 code');

/** ISO 4217, alphabetic. */
export const currency = (): z.ZodString => pattern(/^[A-Z]{3}$/, 3, 'is not an ISO 4217 code');

/** A BCP 47 language tag, loosely: `en`, `zh-Hans-CN`. */
export const language = (): z.ZodString => pattern(/^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/, 35, 'is not a BCP 47 tag');

/** A decimal number as text, of any sign: up to 15 digits before the point and 10 after. */
export const decimal = (): z.ZodString => pattern(/^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?$/, 28, 'is not a decimal number');

/** A UUID in lower case, of any version. */
export const uuid = (): z.ZodString =>
  pattern(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 36, 'is not a UUID in lower case');

/** A JSON pointer (RFC 6901); the empty one is the whole. */
export const jsonPointer = (): z.ZodString => pattern(/^(?:\/[\s\S]*)?$/, 1_000, 'is not a JSON pointer');

/** A media type, `text/plain`. */
export const mediaType = (): z.ZodString => pattern(/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/, 100, 'is not a media type');

const notAnInstant = { error: 'is not an ISO 8601 instant in UTC, to the millisecond at most' };

/** There is no year 0: databases refuse it. */
const hasYear = (value: string): boolean => !value.startsWith('0000');

/** The one way to write an instant, so that equal instants are equal texts and texts sort as instants do. */
function inMilliseconds(value: string): string {
  if (value.length === 24) return value;
  const time = Date.parse(value);
  return Number.isNaN(time) ? value : new Date(time).toISOString();
}

/** An instant: ISO 8601 in UTC with `Z`, to the millisecond at most; parsed to `2011-12-09T12:50:00.000Z`. */
export const instant = () =>
  z.iso
    .datetime(notAnInstant)
    .max(24, notAnInstant)
    .refine(hasYear, notAnInstant)
    .overwrite(inMilliseconds)
    .register(publicFields, { public: true });

/** A calendar date: `2011-12-09`. */
export const calendarDate = () =>
  z.iso.date({ error: 'is not a date' }).refine(hasYear, { error: 'is not a date' }).register(publicFields, { public: true });

/** A whole number of minor units (pence, cents) within +-(2^53 - 1). */
export const amountMinor = () => z.int({ error: 'is not a whole number within 2^53 - 1' });

const NOT_A_ZONE = 'is not an IANA time zone';

/**
 * The name of an IANA time zone, by its form alone: what an event holds must stay readable where the
 * zone's name is newer, or older, than the reader's own tables.
 */
export const timeZoneName = (): z.ZodString =>
  pattern(/^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/, 64, NOT_A_ZONE);

const zones = new Map<string, boolean>();

function isZone(name: string): boolean {
  const known = zones.get(name);
  if (known !== undefined) return known;
  let valid = true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    valid = false;
  }
  // Bounded: the tz database has some 600 names; a hostile caller must not grow the map.
  if (zones.size < 1_000) zones.set(name, valid);
  return valid;
}

/** An IANA time zone that this runtime knows: `Europe/London`. For commands and settings, not for events. */
export const timeZone = (): z.ZodString => timeZoneName().refine(isZone, { error: NOT_A_ZONE });

/** A map from codes to values, of at most `max` members. */
export const codeMap = <V extends z.ZodType>(value: V, max: number) =>
  z
    .record(code(), value)
    .refine((map) => Object.keys(map).length <= max, { error: `has more than ${max} members` })
    .meta({ maxProperties: max });

/** A record's identity in another system. */
export const externalReference = () => z.object({ system: code(), id: publicText(200) });

/** `externalReference` parsed. */
export type ExternalReference = z.infer<ReturnType<typeof externalReference>>;

/** Why something was done: a code, and a note in words. */
export const reason = () => z.object({ code: code(), note: personalText(2_000).optional() });
