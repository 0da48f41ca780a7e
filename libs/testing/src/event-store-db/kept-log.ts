import { randomUUID } from 'node:crypto';

/** Expected versions that are no revision, by the numbers that the server gives them (src/EventStore.Core/Data/ExpectedVersion.cs). */
export const expectedVersion = { any: -2, noStream: -1, streamExists: -4 } as const;

/** An event to append, as a client proposes it. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event as the server keeps it. */
export interface KeptEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: number;
  /** Where its record begins: its commit position, and where a read of `$all` from it begins. */
  readonly position: number;
  /** Position of the first event of its append: what the server calls its prepare position. */
  readonly transaction: number;
  readonly createdMs: number;
}

/** What to read of `$all`. */
export interface AllRead {
  /** Undefined for the beginning, or the end to go backwards from. */
  readonly at: number | undefined;
  readonly isBackwards: boolean;
  readonly count: number;
  readonly wanted: (event: KeptEvent) => boolean;
}

/** What became of an append: the last event, written now or before, or the stream's last revision (-1 where it has none). */
export type Decision = { readonly last: KeptEvent } | { readonly current: number };

// A server's log never begins with a client's event: epoch, settings and users come first.
const FIRST_POSITION = 1_480;
// src/EventStore.Core/TransactionLog/LogRecords/PrepareLogRecord.cs: what a record holds beside names and bytes.
const RECORD_BYTES = 90;
// Statistics are events too (docs: "Statistics", WriteStatsToDb). Here they come with every so many appends instead of by a clock.
const APPENDS_PER_STATISTIC = 5;
/**
 * Of so many events the ids are kept in memory. The server keeps 8 MiB of them (ESConsts.CommitedEventsMemCacheLimit); here
 * it is little, so that a repeat soon meets a server that no longer knows it.
 */
const REMEMBERED_IDS = 40;

/** The log of the double: the rules of one EventStoreDB node, without its disk. */
export class KeptLog {
  /** In the order of positions. */
  readonly all: KeptEvent[] = [];
  readonly #streams = new Map<string, KeptEvent[]>();
  /** Ids of the latest events, oldest first: src/EventStore.Core/Services/Storage/ReaderIndex/IndexWriter.cs, `_committedEvents`. */
  readonly #remembered = new Map<string, KeptEvent>();
  readonly #listeners = new Set<(event: KeptEvent) => void>();
  #position = FIRST_POSITION;
  #appends = 0;

  constructor(private readonly now: () => number) {
    this.#statistic();
  }

  stream(name: string): readonly KeptEvent[] {
    return this.#streams.get(name) ?? [];
  }

  /** Events of `$all` from a position on, or backwards before it; undefined where no event begins at a position within the log. */
  read({ at, isBackwards, count, wanted }: AllRead): KeptEvent[] | undefined {
    const start = this.#startOf(at, isBackwards);
    if (start === undefined) return undefined;
    const step = isBackwards ? -1 : 1;
    const found: KeptEvent[] = [];
    for (let event = this.all[start], index = start; event !== undefined && found.length < count; event = this.all[(index += step)]) {
      if (wanted(event)) found.push(event);
    }
    return found;
  }

  /** Called with each event from now on. Returns a function that ends it. */
  listen(listener: (event: KeptEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  append(stream: string, expected: number, events: readonly ProposedEvent[]): Decision {
    const decision = this.#decide(stream, expected, events);
    if (decision !== undefined) return decision;
    const last = this.#write(stream, events);
    this.#appends += 1;
    if (this.#appends % APPENDS_PER_STATISTIC === 0) this.#statistic();
    return { last };
  }

  /**
   * What IndexWriter.CheckCommit says: with `any` and `streamExists` an append counts as repeated as far as the memory of ids
   * reaches, and is written again beyond it; with a revision the stream itself is asked. Undefined where it is to be written.
   */
  #decide(stream: string, expected: number, events: readonly ProposedEvent[]): Decision | undefined {
    const current = this.stream(stream).length - 1;
    if (expected === expectedVersion.streamExists && current < 0) return { current };
    if (expected === expectedVersion.any || expected === expectedVersion.streamExists) return this.#asRemembered(stream, current, events);
    if (expected > current) return { current };
    return expected === current ? undefined : this.#asKept(stream, expected, events);
  }

  #asRemembered(stream: string, current: number, events: readonly ProposedEvent[]): Decision | undefined {
    const known = events.map(({ id }) => this.#remembered.get(id)).map((event) => (event?.stream === stream ? event : undefined));
    if (known[0] === undefined) return undefined;
    const last = known.at(-1);
    return known.includes(undefined) || last === undefined ? { current } : { last };
  }

  #asKept(stream: string, expected: number, events: readonly ProposedEvent[]): Decision {
    const kept = this.stream(stream);
    const isRepeat = events.every(({ id }, index) => kept[expected + 1 + index]?.id === id);
    const last = kept[expected + events.length];
    return isRepeat && last !== undefined ? { last } : { current: kept.length - 1 };
  }

  /** One record an event, each with a position of its own: StorageWriterService, `Handle(StorageMessage.WritePrepares)`. */
  #write(stream: string, events: readonly ProposedEvent[]): KeptEvent {
    const kept = this.#streams.get(stream) ?? [];
    const transaction = this.#position;
    const written = events.map((event, index): KeptEvent => {
      const position = this.#position;
      this.#position += RECORD_BYTES + stream.length + event.type.length + event.data.length + event.metadata.length;
      return { ...event, stream, revision: kept.length + index, position, transaction, createdMs: this.now() };
    });
    this.#streams.set(stream, kept);
    kept.push(...written);
    for (const event of written) this.#keep(event);
    return written.at(-1) as KeptEvent;
  }

  #keep(event: KeptEvent): void {
    this.all.push(event);
    this.#remembered.set(event.id, event);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED_IDS && oldest !== undefined) this.#remembered.delete(oldest);
    for (const listener of this.#listeners) listener(event);
  }

  #statistic(): void {
    const data = Buffer.from('{"proc-cpu":1}');
    const id = randomUUID();
    this.#write('$stats-127.0.0.1:2113', [{ id, type: '$statsCollected', contentType: 'application/json', data, metadata: Buffer.alloc(0) }]);
  }

  #startOf(at: number | undefined, isBackwards: boolean): number | undefined {
    const { length } = this.all;
    if (at === undefined) return isBackwards ? length - 1 : 0;
    const index = this.#indexOf(at);
    if (index < length && this.all[index]?.position !== at) return undefined;
    return isBackwards ? index - 1 : index;
  }

  /** Index in `all` of the first event at this position or after it. */
  #indexOf(position: number): number {
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.all[middle]?.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
