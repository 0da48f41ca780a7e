import type { EventRecord } from './records.js';

/** A Map holds 16.7 million entries at most; a log may have more streams. */
const SHARDS = 256;

/** Follows the events of a log in their order, and tells where they are not one: positions 1..N, revisions of each stream 0..n, time never falling. */
export class EventOrder {
  readonly #revisions = Array.from({ length: SHARDS }, () => new Map<string, number>());
  /** The last of them. */
  last: { readonly position: number; readonly id: string | null; readonly recordedAt: number } = { position: 0, id: null, recordedAt: 0 };

  /** @returns what is wrong with the next event; undefined where nothing is */
  next({ position, stream, revision, id, recordedAt }: Pick<EventRecord, 'position' | 'stream' | 'revision' | 'id' | 'recordedAt'>): string | undefined {
    if (position !== this.last.position + 1) return `has position ${position} after ${this.last.position}`;
    if (recordedAt < this.last.recordedAt) return `was recorded before the event at position ${this.last.position}`;
    const revisions = this.#revisions[Number.parseInt(stream.slice(-2), 16) % SHARDS || 0];
    const expected = (revisions?.get(stream) ?? -1) + 1;
    if (revision !== expected) return `has revision ${revision} where its stream is at ${expected}`;
    revisions?.set(stream, revision);
    this.last = { position, id, recordedAt };
    return undefined;
  }
}
