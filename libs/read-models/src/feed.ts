import { ForeignPlace, type EventStore, type Place } from '@annals/event-store';
import type { EventCodec } from '@annals/sealing';
import type pg from 'pg';

import { applyBatch, applyParked, type Batch, type Parked } from './batch.js';
import { connectFeed, disconnect } from './database.js';
import { cureOf, GenerationGone, nameOf, PlaceMoved, Superseded } from './errors.js';
import { generationIn } from './generations.js';
import type { Page, PageReader, SharedPages } from './pages.js';
import { hashOf, type ReadModel } from './read-model.js';
import { Signal } from './signal.js';

/** What a feed needs of the read models that it belongs to. */
export interface FeedContext {
  readonly connectionString: string;
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly pages: SharedPages;
  readonly report: (happening: Happening) => void;
}

/** Something that an operator may want to know, with no personal data in it. */
export interface Happening {
  readonly level: 'info' | 'warn' | 'error';
  readonly readModel: string;
  readonly message: string;
  readonly detail?: string;
}

const LOCK_RETRY_MS = 500;
const POLL_MS = 1_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const TRANSIENT_ATTEMPTS = 8;
const RETRY_PAGE_EVENTS = 200;
/** More parked streams than this are not listed in memory: the read model stops. */
const MOST_PARKED = 10_000;

/**
 * Feeds one generation of a read model from the log: connects, becomes the one that leads, and applies
 * page after page until it is stopped. Whatever fails is met by a new connection and a re-read place.
 */
export class Feed {
  /** Position up to which this process knows the generation to have applied; -1 while it does not lead. */
  position = -1;
  /** Why it stands still, in a sentence; null while it runs or stands by. */
  trouble: string | null = null;
  readonly parked = new Map<string, Parked>();
  readonly #stop = new AbortController();
  readonly #signal = new Signal();
  #retryAsked = true;
  #done: Promise<void> | undefined;

  /**
   * @param schema - of the generation
   * @param hooks - `advanced` is called after each commit, as is `applied`, with the events and when they were begun; `caughtUp`, on the feed's connection, where the
   * log's end is near: true ends the feed
   */
  constructor(
    private readonly context: FeedContext,
    private readonly model: ReadModel,
    private readonly schema: string,
    private readonly hooks: {
      readonly advanced: (position: number) => void;
      readonly applied?: (events: Page['events'], begun: number) => void;
      readonly caughtUp: (client: pg.Client, place: Place) => Promise<boolean>;
    },
  ) {}

  /** Starts it; the promise resolves when it has ended. @throws GenerationGone, Superseded */
  run(): Promise<void> {
    this.#done ??= this.#run();
    return this.#done;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#signal.raise();
    // It may be waiting for a page that is not due yet.
    this.context.pages.hurry();
    await this.#done?.catch(() => undefined);
  }

  /** Tries the parked streams again, soon. */
  retryParked(): void {
    this.#retryAsked = true;
    this.#signal.raise();
  }

  async #run(): Promise<void> {
    const unsubscribe = this.context.store.onAppended(() => this.#signal.raise());
    try {
      let pause = FIRST_PAUSE_MS;
      while (!this.#stop.signal.aborted) {
        const before = this.position;
        const ended = await this.#session().catch((error: unknown) => this.#met(error));
        if (ended === true) return;
        pause = this.position > before ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
        this.position = -1;
        await this.#signal.wait(pause, this.#stop.signal);
      }
    } finally {
      unsubscribe();
    }
  }

  #met(error: unknown): false {
    // What breaks off while a stop takes its connections away is begun again at the next start, and no trouble.
    if (this.#stop.signal.aborted) return false;
    if (error instanceof Superseded || error instanceof GenerationGone) throw error;
    if (error instanceof PlaceMoved) return false;
    this.trouble = error instanceof ForeignPlace ? error.message : `the read model ${this.model.name} stands still: ${nameOf(error)}`;
    this.context.report({ level: 'error', readModel: this.model.name, message: this.trouble, detail: nameOf(error) });
    return false;
  }

  /** One connection's life. @returns true where the feed has done all that it is for */
  async #session(): Promise<boolean> {
    const client = await connectFeed(this.context.connectionString, this.schema);
    const reader = this.context.pages.reader();
    try {
      if (!(await this.#lead(client))) return false;
      return await this.#follow(client, reader);
    } finally {
      reader.leave();
      await disconnect(client);
    }
  }

  async #lead(client: pg.Client): Promise<boolean> {
    const name = `annals feed ${this.schema} ${hashOf(this.model)}`;
    while (!this.#stop.signal.aborted) {
      const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) as held', [name]);
      if (rows[0]?.held === true) return true;
      this.trouble = null;
      await this.#signal.wait(LOCK_RETRY_MS, this.#stop.signal, true);
    }
    return false;
  }

  async #follow(client: pg.Client, reader: PageReader): Promise<boolean> {
    const { generation, place: start } = await this.#begin(client);
    let place = start;
    while (!this.#stop.signal.aborted) {
      if (this.#retryAsked) await this.#retry(client, generation);
      const page = await reader.read(place.position);
      this.#verify(place, page.from);
      const moved = page.next > place.position;
      const begun = Date.now();
      if (moved) await this.#apply(client, generation, { events: page.events, from: place, to: page.place });
      this.hooks.applied?.(page.events, begun);
      place = page.place;
      this.#at(place);
      if (!page.full && (await this.hooks.caughtUp(client, place))) return true;
      if (!moved) await this.#signal.wait(POLL_MS, this.#stop.signal);
    }
    return false;
  }

  /** Reads where the generation stands. @throws GenerationGone, Superseded, ForeignPlace */
  async #begin(client: pg.Client): Promise<{ generation: string; place: Place }> {
    const found = await generationIn(client, this.schema);
    if (found === undefined) throw new GenerationGone(`there is no ${this.schema}`);
    if (found.hash !== hashOf(this.model)) throw new Superseded(`${this.schema} is not a generation that this code feeds`);
    const place: Place = { logId: found.logId, position: found.position, eventId: found.eventId };
    await this.context.store.verifyPlace(place);
    await this.#loadParked(client);
    this.trouble = null;
    this.#at(place);
    return { generation: found.name, place };
  }

  /** The log no longer holds what was read from it: a backup has taken its place while this feed ran. */
  #verify(before: Place, { eventId, logId }: Place): void {
    if (logId !== before.logId || eventId !== before.eventId) throw new ForeignPlace(before, 'it held it before, and holds it no longer');
  }

  #at(place: Place): void {
    this.position = place.position;
    this.hooks.advanced(place.position);
  }

  async #apply(client: pg.Client, generation: string, batch: Batch): Promise<void> {
    const target = { client, model: this.model, generation, parked: this.parked };
    for (let attempt = 1; ; attempt++) {
      try {
        for (const parked of await applyBatch(target, batch)) this.#park(parked);
        return;
      } catch (error) {
        if (cureOf(error) !== 'again' || attempt >= TRANSIENT_ATTEMPTS) throw error;
      }
    }
  }

  #park(parked: Parked): void {
    if (this.parked.size >= MOST_PARKED) throw new Error(`more than ${MOST_PARKED} streams are parked`);
    this.parked.set(parked.stream, parked);
    const message = `${parked.stream} is parked from revision ${parked.revision}`;
    this.context.report({ level: 'warn', readModel: this.model.name, message, detail: parked.reason });
  }

  async #loadParked(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ stream: string; from_revision: number; position: string; reason: string }>(
      'select stream, from_revision, position, reason from parked order by stream limit 10001',
    );
    this.parked.clear();
    for (const { stream, from_revision: revision, position, reason } of rows) {
      this.parked.set(stream, { stream, revision, position: Number(position), reason });
    }
  }

  async #retry(client: pg.Client, generation: string): Promise<void> {
    this.#retryAsked = false;
    const target = { client, model: this.model, generation, parked: this.parked };
    for (const parked of [...this.parked.values()]) {
      if (this.#stop.signal.aborted) continue;
      const reason = await applyParked(target, parked.stream, this.#eventsOf(parked));
      if (reason !== undefined) continue;
      this.parked.delete(parked.stream);
      this.context.report({ level: 'info', readModel: this.model.name, message: `${parked.stream} is applied again` });
    }
  }

  async *#eventsOf({ stream, revision }: Parked): AsyncGenerator<Batch['events']> {
    for (let from = revision; ; ) {
      const events = await this.context.store.readStream(stream, { from, limit: RETRY_PAGE_EVENTS });
      const last = events.at(-1);
      if (last === undefined) return;
      const listed = new Set<string>(this.model.events);
      yield await this.context.codec.decodeEach(events.filter(({ type }) => listed.has(type)), { addresses: this.model.opensAddresses ?? false });
      from = last.revision + 1;
    }
  }
}
