import type { EventName, RecordedEvent } from '@annals/contracts';
import type { EventStore, Place } from '@annals/event-store';
import type { EventCodec, OpenOptions, UnreadableEvent } from '@annals/sealing';

import { categoriesOf, type ReadModel } from './read-model.js';
import { Signal } from './signal.js';

/** A page of the log, opened once for all who read it. */
export interface Page {
  /** Events of the types that any reader lists, in order; in place of one that cannot be read, why. */
  readonly events: readonly (RecordedEvent | UnreadableEvent)[];
  /** Go on after this position; equal to where the page began at the end of the log. */
  readonly next: number;
  /** Where it begins, and where it ends. */
  readonly from: Place;
  readonly place: Place;
  /** True where there may be more. */
  readonly full: boolean;
}

/** Where one subscription reads. */
export interface PageReader {
  /** The page after this position; an empty one at the end of the log. */
  read(after: number): Promise<Page>;
  /** Gives up its place among the readers. */
  leave(): void;
}

/** How pages are read. */
export interface PagesOptions {
  /** Events in a page at most. */
  readonly limit: number;
  /**
   * At the head of the log a page is read no sooner than this many milliseconds after the one before: a batch of
   * few events costs nearly as much as one of many. The first event after a pause waits for nothing.
   */
  readonly gatherMs: number;
}

/** Pages that are kept for readers who follow; the store ends each at 4 MiB of events. */
const KEPT_PAGES = 4;
/** How long a reader in front waits for one that wants the page which would be dropped next. */
const PATIENCE_MS = 2_000;
const NEVER = new AbortController().signal;

/**
 * Reads and opens the log once for several subscriptions at nearly the same place, as in a rebuild of
 * several read models or at the head of the log. Nothing depends on it but speed: a subscription that is
 * elsewhere reads for itself.
 */
export class SharedPages {
  readonly #kept = new Map<number, Promise<Page>>();
  /** What each reader will read next. */
  readonly #wanted = new Map<PageReader, number>();
  readonly #waiters = new Set<() => void>();
  readonly #hurried = new Signal();
  #gathering: Promise<void> | undefined;
  #nextReadAt = 0;
  readonly #types: ReadonlySet<string>;
  readonly #categories: readonly string[];
  readonly #opening: OpenOptions;

  constructor(
    private readonly store: EventStore,
    private readonly codec: EventCodec,
    models: readonly ReadModel[],
    private readonly options: PagesOptions,
  ) {
    this.#types = new Set<EventName>(models.flatMap(({ events }) => events));
    this.#categories = categoriesOf(models);
    this.#opening = { addresses: models.some(({ opensAddresses = false }) => opensAddresses) };
  }

  /** One more reader, that reads forwards. */
  reader(): PageReader {
    const reader: PageReader = {
      read: async (after) => {
        const page = await this.#page(after);
        this.#wants(reader, page.next);
        // The next page is read and opened while this one is applied. Whether it is there shows in its turn.
        if (page.full) this.#page(page.next).catch(() => undefined);
        return page;
      },
      leave: () => {
        this.#wanted.delete(reader);
        this.#moved();
      },
    };
    return reader;
  }

  /** Somebody waits for what the log holds now: the next page is read at once. */
  hurry(): void {
    this.#hurried.raise();
  }

  #wants(reader: PageReader, next: number): void {
    this.#wanted.set(reader, next);
    const least = Math.min(...this.#wanted.values());
    for (const after of this.#kept.keys()) if (after < least) this.#kept.delete(after);
    this.#moved();
  }

  #moved(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter();
  }

  async #page(after: number): Promise<Page> {
    const known = this.#kept.get(after);
    if (known !== undefined) {
      const page = await known;
      // An empty page may have been asked for before the event that woke this reader was there.
      if (page.next > after) return page;
    }
    await this.#waitForFollower();
    return this.#kept.get(after) ?? this.#readInto(after);
  }

  #readInto(after: number): Promise<Page> {
    const page = this.#open(after);
    this.#kept.set(after, page);
    const forget = (): void => {
      if (this.#kept.get(after) === page) this.#kept.delete(after);
    };
    page.then(({ next }) => next === after && forget(), forget);
    if (this.#kept.size > KEPT_PAGES) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    return page;
  }

  async #waitForFollower(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.#oldestIsWanted()) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiters.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #oldestIsWanted(): boolean {
    const [oldest] = this.#kept.keys();
    return oldest !== undefined && this.#kept.size >= KEPT_PAGES && [...this.#wanted.values()].includes(oldest);
  }

  /** Waits until it is time for the next read at the log's head, or until somebody is in a hurry. */
  async #gathered(): Promise<void> {
    const left = this.#nextReadAt - performance.now();
    if (left <= 0) return;
    this.#gathering ??= this.#hurried.wait(left, NEVER).finally(() => (this.#gathering = undefined));
    await this.#gathering;
  }

  async #open(after: number): Promise<Page> {
    await this.#gathered();
    const { limit, gatherMs } = this.options;
    const readAt = performance.now();
    const { events, next, from, place, more: full } = await this.store.readAll({ after, categories: this.#categories, limit });
    const wanted = events.filter(({ type }) => this.#types.has(type));
    if (!full && next > after) this.#nextReadAt = readAt + gatherMs;
    return { events: wanted.length === 0 ? [] : await this.codec.decodeEach(wanted, this.#opening), next, from, place, full };
  }
}
