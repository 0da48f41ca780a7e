/** What happened, as a decider says it: a name from the contracts and its data. */
export interface Event<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/**
 * An event as the log holds it, opened and brought to its newest version.
 *
 * `Metadata` is the contracts' envelope; the kernel asks only for the time from which the event holds.
 */
export type Recorded<E extends Event = Event, Metadata extends { readonly effectiveAt: string } = { readonly effectiveAt: string }> = E & {
  /** `<category>-<uuid>` */
  readonly stream: string;
  /** Place in the stream: 0, 1, 2, ... */
  readonly revision: number;
  /** Place in the global order, rising; without gaps on stores of our own. */
  readonly position: number;
  /** UUID of the event. */
  readonly id: string;
  /** When the store took it: milliseconds since the epoch. */
  readonly recordedAt: number;
  readonly metadata: Metadata;
};
