import { ForeignPlace, StoreUnavailable } from './errors.js';
import type { AllPage, EventStore, Place, StoredEvent } from './event-store.js';

/** What a subscription delivers: events in order of position, and the place to remember once they are handled. */
export interface Batch {
  /** May be empty: then only the place has moved, over events of other categories. */
  readonly events: readonly StoredEvent[];
  readonly place: Place;
}

/** What to deliver, from where and to whom. */
export interface SubscriptionOptions {
  readonly store: EventStore;
  /** Only streams of these categories; all by default. */
  readonly categories?: readonly string[];
  /** The place of the last event that was handled. */
  readonly from: Place;
  /** Handles a batch. The next is delivered when it has resolved; a rejection ends the subscription. */
  readonly handle: (batch: Batch) => Promise<void>;
  /** How long to wait for a wake-up before looking again; 1,000 ms by default. */
  readonly pollMs?: number;
  /** Events in one batch at most, 1..10,000; 1,000 by default. */
  readonly batchSize?: number;
  /** How often at most a place is delivered that has moved without events; 1,000 ms by default. */
  readonly emptyEveryMs?: number;
  /** Told when the store could not be read. The subscription tries again by itself. */
  readonly onTrouble?: (error: StoreUnavailable) => void;
}

/** A subscription that runs. */
export interface Subscription {
  /** Resolves after `stop`; rejects with what the handler threw, or ForeignPlace. */
  readonly done: Promise<void>;
  /** The place of the last batch that was handled. */
  readonly place: Place;
  /** Ends it once the batch in hand is handled. Its failure is `done`'s to tell. */
  stop(): Promise<void>;
}

/**
 * Delivers the events of a log in order of position, first what is there, then what comes, at least once.
 *
 * The place is verified at the start and with every page: a log that does not hold the remembered event ends
 * the subscription with ForeignPlace, as nothing may be skipped over silently.
 */
export function subscribe(options: SubscriptionOptions): Subscription {
  return new RunningSubscription(options);
}

const PAGE_EVENTS = 1_000;
const POLL_MS = 1_000;
const EMPTY_EVERY_MS = 1_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

class RunningSubscription implements Subscription {
  readonly done: Promise<void>;
  /** Of the last batch that was handled. */
  #place: Place;
  /** Up to where has been read; ahead of `#place` by positions that hold nothing for this subscription. */
  #cursor: Place;
  #deliveredAt = performance.now();
  #stopped = false;
  /** Set by a wake-up since the last read began. */
  #woken = false;
  #rouse: () => void = () => undefined;

  constructor(private readonly options: SubscriptionOptions) {
    this.#place = options.from;
    this.#cursor = options.from;
    this.done = this.#run();
    // Whoever waits for `done` is told; that nobody waits yet is no reason to end the process.
    this.done.catch(() => undefined);
  }

  get place(): Place {
    return this.#place;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#rouse();
    await this.done.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const endWaking = this.options.store.onAppended(() => {
      this.#woken = true;
      this.#rouse();
    });
    try {
      await this.#untilRead(() => this.options.store.verifyPlace(this.#place));
      await this.#deliverAll();
    } finally {
      endWaking();
    }
  }

  /** While a page is handled, the next one is read where there may be one: one, not more. */
  async #deliverAll(): Promise<void> {
    let ahead: Promise<AllPage | undefined> | undefined;
    while (!this.#stopped) {
      const page = await (ahead ?? this.#read(this.#cursor.position));
      ahead = undefined;
      if (!page || this.#stopped) return;
      this.#verify(page);
      const isMoved = page.next > this.#cursor.position;
      if (page.more) {
        ahead = this.#read(page.next);
        // It is awaited in the next turn, and may fail before.
        ahead.catch(() => undefined);
      }
      this.#cursor = page.place;
      await this.#deliver(page.events);
      if (!isMoved) await this.#rest();
    }
  }

  async #deliver(events: readonly StoredEvent[]): Promise<void> {
    const moved = this.#cursor.position > this.#place.position;
    const due = performance.now() - this.#deliveredAt >= (this.options.emptyEveryMs ?? EMPTY_EVERY_MS);
    if (events.length === 0 && !(moved && due)) return;
    const place = this.#cursor;
    await this.options.handle({ events, place });
    this.#place = place;
    this.#deliveredAt = performance.now();
  }

  /** The log no longer holds what has been read from it: a backup has taken its place. */
  #verify(page: AllPage): void {
    if (page.from.eventId !== this.#cursor.eventId) throw new ForeignPlace(this.#cursor, 'it held it before, and holds it no longer');
  }

  #read(after: number): Promise<AllPage | undefined> {
    const { store, categories } = this.options;
    return this.#untilRead(() => {
      this.#woken = false;
      return store.readAll({ after, limit: this.#pageEvents, ...(categories && { categories }) });
    });
  }

  get #pageEvents(): number {
    return this.options.batchSize ?? PAGE_EVENTS;
  }

  /** Tries until the store can be read or the subscription is stopped, at bounded intervals. */
  async #untilRead<T>(read: () => Promise<T>): Promise<T | undefined> {
    let delay = FIRST_RETRY_MS;
    while (!this.#stopped) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        this.options.onTrouble?.(error);
      }
      await this.#wait(delay);
      delay = Math.min(delay * 2, LAST_RETRY_MS);
    }
    return undefined;
  }

  async #rest(): Promise<void> {
    if (!this.#woken) await this.#wait(this.options.pollMs ?? POLL_MS);
  }

  /** Ends early when something was appended or `stop` is called. */
  async #wait(ms: number): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#rouse = () => undefined;
  }
}
