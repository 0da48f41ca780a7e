import type { z } from 'zod';

/** The categories of streams, in the order in which a log numbers them. Append only: the numbers are stored. */
export const CATEGORIES = [
  'customer',
  'communication',
  'transaction',
  'followup',
  'reference',
  'segmentation',
  'membership',
  'segmentcount',
  'administration',
  'access',
] as const;

/** A category of streams: the word before the dash in `<category>-<uuid>`. */
export type Category = (typeof CATEGORIES)[number];

/** One version of an event's schema, and how data of the version before becomes data of this one. */
export interface EventVersion {
  readonly schema: z.ZodType;
  /** Pure; absent for version 1. */
  readonly upcast?: (before: never) => unknown;
}

/** An event's category and all versions ever published, the newest last. */
export interface EventType<Latest = unknown> {
  readonly category: Category;
  readonly versions: readonly EventVersion[];
  /** Carries the newest version's type; never set. */
  readonly latest?: Latest;
}

/** Event types by name. */
export type Catalogue = Readonly<Record<string, EventType>>;

/** The first version of an event. */
export function eventType<S extends z.ZodType>(category: Category, schema: S): EventType<z.infer<S>> {
  return { category, versions: [{ schema }] };
}

/**
 * A further version of an event. Stored events stay as they are; readers see the newest only.
 *
 * @param before - the event with its versions so far
 * @param schema - of the new version
 * @param upcast - makes data of the version before into data of the new one; pure
 */
export function nextVersion<Before, S extends z.ZodType>(
  before: EventType<Before>,
  schema: S,
  upcast: (data: Before) => z.infer<S>,
): EventType<z.infer<S>> {
  return { category: before.category, versions: [...before.versions, { schema, upcast }] };
}

/** Domain events of a catalogue, as a union discriminated by `type`. */
export type EventsOf<C, Types extends keyof C = keyof C> = {
  [T in Types]: C[T] extends EventType<infer Latest> ? { readonly type: T; readonly data: Latest } : never;
}[Types];

/** The id part of `<category>-<uuid>`. */
export function idOf(stream: string): string {
  return stream.slice(stream.indexOf('-') + 1);
}

/** The category part of `<category>-<uuid>`. */
export function categoryOf(stream: string): string {
  return stream.slice(0, stream.indexOf('-'));
}
