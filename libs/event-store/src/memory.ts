import { randomUUID } from 'node:crypto';
import { EventIdInUse, ForeignPlace, StreamFull, WrongExpectedRevision } from './errors.js';
import type {
  AllPage,
  Appended,
  EventStore,
  ExpectedRevision,
  NewEvent,
  Place,
  ReadAllOptions,
  ReadStreamOptions,
  StoredEvent,
} from './event-store.js';
import {
  checkAppend,
  checkCategories,
  MAX_PAGE_BYTES,
  MAX_STREAM_EVENTS,
  pageLimit,
  parseStream,
  wholeNumber,
} from './limits.js';

/** What a store in memory may be given in place of chance and the clock. */
export interface MemoryStoreOptions {
  readonly logId?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** A log in this process's memory, for tests: it holds to the whole contract but durability. */
export function openMemoryStore(options: MemoryStoreOptions = {}): EventStore {
  return new MemoryStore(options.logId ?? randomUUID(), options.now ?? Date.now);
}

class MemoryStore implements EventStore {
  readonly #events: StoredEvent[] = [];
  readonly #streams = new Map<string, StoredEvent[]>();
  readonly #ids = new Map<string, StoredEvent>();
  readonly #wakes = new Set<() => void>();
  #waking = false;

  constructor(
    readonly logId: string,
    private readonly now: () => number,
  ) {}

  async append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended> {
    parseStream(stream);
    checkAppend(stream, expected, events);
    const known = this.#streams.get(stream) ?? [];
    const first = this.#firstResult(stream, events);
    if (first) return first;
    const last = known.length - 1;
    if (!matches(expected, last)) throw new WrongExpectedRevision(stream, expected, last);
    if (known.length + events.length > MAX_STREAM_EVENTS) throw new StreamFull(stream);
    const recordedAt = this.#clock();
    for (const event of events) {
      const position = this.#events.length + 1;
      const stored = { ...copy(event), stream, revision: known.length, position, recordedAt };
      known.push(stored);
      this.#events.push(stored);
      this.#ids.set(stored.id, stored);
    }
    this.#streams.set(stream, known);
    this.#wakeSoon();
    return { revision: known.length - 1, position: this.#events.length, recordedAt, repeated: false };
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<readonly StoredEvent[]> {
    parseStream(stream);
    const limit = pageLimit(options);
    const events = this.#streams.get(stream) ?? [];
    const backwards = options.direction === 'backwards';
    const from = wholeNumber(options.from ?? (backwards ? MAX_STREAM_EVENTS : 0), 'a revision');
    const end = Math.min(from + 1, events.length);
    const page = backwards
      ? events.slice(Math.max(0, end - limit), end).reverse()
      : events.slice(from, from + limit);
    return page.map(copy);
  }

  async readAll(options: ReadAllOptions): Promise<AllPage> {
    const after = wholeNumber(options.after, 'a position');
    const categories = checkCategories(options.categories);
    const events: StoredEvent[] = [];
    let next = after;
    let bytes = 0;
    for (const event of this.#events.slice(after, after + pageLimit(options))) {
      if (!categories || categories.includes(parseStream(event.stream).category)) {
        bytes += event.data.byteLength + event.metadata.byteLength;
        if (bytes > MAX_PAGE_BYTES) break;
        events.push(copy(event));
      }
      next = event.position;
    }
    return { events, next, from: this.#placeAt(after), place: this.#placeAt(next), more: next < this.#events.length };
  }

  async head(): Promise<Place> {
    return this.#placeAt(this.#events.length);
  }

  async verifyPlace(place: Place): Promise<void> {
    if (place.logId !== this.logId) throw new ForeignPlace(place, `this log is ${this.logId}`);
    const there = this.#placeAt(place.position).eventId;
    if (there !== place.eventId || (there === null && place.position > 0)) throw new ForeignPlace(place, `it holds ${there ?? 'no event'} there`);
  }

  onAppended(wake: () => void): () => void {
    // Wrapped, so that a function given twice is called twice and ended one at a time.
    const entry = (): void => wake();
    this.#wakes.add(entry);
    return () => this.#wakes.delete(entry);
  }

  async close(): Promise<void> {
    this.#wakes.clear();
  }

  #clock(): number {
    return Math.max(this.now(), this.#events.at(-1)?.recordedAt ?? 0);
  }

  #placeAt(position: number): Place {
    return { logId: this.logId, position, eventId: this.#events[position - 1]?.id ?? null };
  }

  #firstResult(stream: string, events: readonly NewEvent[]): Appended | undefined {
    const stored = events.map((event) => this.#ids.get(event.id)).filter((event) => event !== undefined);
    const [first] = stored;
    const last = stored.at(-1);
    if (!first || !last) return undefined;
    const same =
      stored.length === events.length &&
      stored.every((event, index) => event.stream === stream && event.revision === first.revision + index);
    if (!same) throw new EventIdInUse(stream);
    return { revision: last.revision, position: last.position, recordedAt: last.recordedAt, repeated: true };
  }

  #wakeSoon(): void {
    if (this.#waking) return;
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      for (const wake of this.#wakes) wake();
    });
  }
}

function matches(expected: ExpectedRevision, last: number): boolean {
  if (expected === 'Any') return true;
  if (expected === 'NoStream') return last < 0;
  if (expected === 'Exists') return last >= 0;
  return last === expected;
}

/** A copy, so that nobody outside can change what the log holds. */
function copy<E extends NewEvent>(event: E): E {
  return { ...event, data: Uint8Array.from(event.data), metadata: Uint8Array.from(event.metadata) };
}
