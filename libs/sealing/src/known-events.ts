import { exact, personalPlan, type Catalogue, type Category, type EventVersion, type PersonalPlan } from '@annals/contracts';

type Schema = EventVersion['schema'];

/** One version of an event type, with what the codec needs found once. */
export interface KnownVersion {
  readonly version: number;
  readonly schema: Schema;
  readonly plan: PersonalPlan | undefined;
  /** From the version before; undefined for version 1. */
  readonly upcast: ((before: unknown) => unknown) | undefined;
}

/** An event type of the catalogue, its versions from 1. */
export interface KnownEvent {
  readonly category: Category;
  readonly versions: readonly KnownVersion[];
  readonly newest: KnownVersion;
  /** The newest version's schema, refusing unknown keys: for what is about to be stored. */
  readonly exact: Schema;
}

/** Prepares a catalogue. @throws TypeError for a schema that cannot be sealed, at start rather than at the first event */
export function knownEvents(catalogue: Catalogue): ReadonlyMap<string, KnownEvent> {
  return new Map(
    Object.entries(catalogue).map(([type, { category, versions }]) => {
      const known = versions.map(
        ({ schema, upcast }, index): KnownVersion => ({
          version: index + 1,
          schema,
          plan: personalPlan(schema),
          upcast: upcast as KnownVersion['upcast'],
        }),
      );
      const newest = known.at(-1);
      if (newest === undefined) throw new TypeError(`event ${type} has no version`);
      return [type, { category, versions: known, newest, exact: exact(newest.schema) }];
    }),
  );
}
