import type { ReadModelStatus } from '@annals/contracts';
import type { EventStore } from '@annals/event-store';
import type { EventTopics, TopicPartition } from '@annals/messaging';
import type { EventCodec } from '@annals/sealing';

import type pg from 'pg';

import { readerError, readerPool } from './database.js';
import { digestOf } from './digest.js';
import { NotYetVisible, UnknownReadModel } from './errors.js';
import type { FeedContext, Happening } from './feed.js';
import { schemasOf } from './generations.js';
import { measureReadModels } from './metrics.js';
import { SharedPages } from './pages.js';
import { categoriesOf, type ReadModel } from './read-model.js';
import { Runner } from './runner.js';
import { statusOf } from './status.js';

/** What the read models of a process are kept with. */
export interface ReadModelsOptions {
  /** A role that may make schemas in the database of the read models. */
  readonly connectionString: string;
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly models: readonly ReadModel[];
  /** Told what happens; holds no personal data. */
  readonly report?: (happening: Happening) => void;
  /** Positions looked at in a page, which is a transaction: 1..10,000; 1,000 by default. */
  readonly pageEvents?: number;
  /**
   * Milliseconds between two pages at the head of the log, so that under load a transaction takes many events;
   * 20 by default. Nobody who uses `waitFor` waits for it.
   */
  readonly gatherMs?: number;
  /** Where what is live has its events from, as they are published; by default it reads the log. */
  readonly topics?: EventTopics;
  /** Called where only another process can help; told a sentence. */
  readonly gaveUp?: (sentence: string) => void;
  /** More parked streams than this make a read model unready; 100 by default. */
  readonly mostParked?: number;
}

/** Reads the live generation of one read model; tables are named without a schema. */
export interface ReadModelReader {
  /** @throws ReadModelUnavailable where it is being built or its database is away */
  query<Row extends object>(name: string, text: string, values: readonly unknown[]): Promise<Row[]>;
}

const DEFAULT_PAGE_EVENTS = 1_000;
const DEFAULT_GATHER_MS = 20;
const DEFAULT_MOST_PARKED = 100;
/** How long a reader may be made to wait for an event. */
export const WAIT_FOR_MS = 5_000;
const POLL_MS = 50;
const LED_POLL_MS = 500;

/** The read models of one process: kept up with the log, and read. */
export class ReadModels {
  readonly #runners: ReadonlyMap<string, Runner>;
  readonly #waiters = new Set<Waiter>();
  #closed: Promise<void> | undefined;

  constructor(private readonly options: ReadModelsOptions) {
    const { store, codec, connectionString, models, pageEvents: limit = DEFAULT_PAGE_EVENTS, gatherMs = DEFAULT_GATHER_MS } = options;
    const paging = { limit, gatherMs };
    const pages = new SharedPages(store, codec, models, paging);
    const { topics, report = (): void => undefined, gaveUp = (): void => undefined } = options;
    const context: FeedContext = { connectionString, store, codec, pages, paging, topics, report, gaveUp };
    this.#runners = new Map(
      models.map((model) => [model.name, new Runner(model, readerPool(connectionString, model.name), context, () => this.#advanced(model.name))]),
    );
  }

  /** Starts to follow the log, and to build what the code has changed. */
  start(): void {
    measureReadModels(this.options.store, () => this.status());
    for (const runner of this.#runners.values()) runner.start();
  }

  /** Ends the subscriptions, each after the transaction that it is in, and then the readers' connections. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()));
    await Promise.all([...this.#runners.values()].map(({ pool }) => pool.end()));
  }

  /** @throws UnknownReadModel */
  reader(name: string): ReadModelReader {
    const { pool } = this.#runner(name);
    return {
      query: async <Row extends object>(statement: string, text: string, values: readonly unknown[]) => {
        try {
          return (await pool.query<Row>({ name: statement, text, values: [...values] })).rows;
        } catch (error) {
          throw readerError(error);
        }
      },
    };
  }

  /** Where each read model stands, and each build. @throws ReadModelUnavailable */
  async status(): Promise<ReadModelStatus[]> {
    const { store, models, topics } = this.options;
    const head = (await store.head()).position;
    // A broker that is away keeps nobody from being told the rest.
    const ends = await topics?.endsOf(topics.topicsOf(categoriesOf(models))).catch(() => undefined);
    const rows = await Promise.all([...this.#runners.values()].map((runner) => statusOf(runner, { head, topics, ends })));
    return rows.flat();
  }

  /** Why the read models are not ready; empty where they are. @throws ReadModelUnavailable */
  async troubles(): Promise<string[]> {
    const most = this.options.mostParked ?? DEFAULT_MOST_PARKED;
    const found: string[] = [];
    for (const runner of this.#runners.values()) {
      const troubles = runner.troubles();
      found.push(...troubles);
      const parked = troubles.length > 0 ? 0 : (await liveStateOf(runner.pool, '')).parked;
      if (parked > most) found.push(`${runner.model.name} has parked ${parked} streams, more than ${most}`);
    }
    return found;
  }

  /**
   * Asked before anything is recorded that follows from the read models: where a backup was restored, they may be made
   * of events that the log does not hold.
   */
  async areOfTheLog(): Promise<boolean> {
    for (const runner of this.#runners.values()) if (!(await runner.isOfTheLog())) return false;
    return true;
  }

  /**
   * Builds a new generation beside the live one and swaps them when it has caught up. Returns when the build
   * has begun; `status` shows how far it is. A build that is under way is left as it is.
   *
   * @throws UnknownReadModel
   */
  async rebuild(name: string): Promise<void> {
    await this.#runner(name).rebuild();
  }

  /** Tries the parked streams of a read model again, soon, in the instance that leads. @throws UnknownReadModel */
  retryParked(name: string): void {
    this.#runner(name).live?.retryParked();
  }

  /** A digest of the live generation's tables: see `digestOf`. @throws UnknownReadModel */
  async digest(name: string): Promise<string> {
    const { model } = this.#runner(name);
    return digestOf(this.options.connectionString, model, schemasOf(model).live);
  }

  /**
   * Returns when the live view has applied this event, whichever process feeds it.
   *
   * @throws NotYetVisible after 5 s, or at once where the stream is parked; UnknownReadModel; ReadModelUnavailable
   */
  async waitFor(name: string, stream: string, revision: number): Promise<void> {
    const runner = this.#runner(name);
    const deadline = performance.now() + WAIT_FOR_MS;
    let position: number | undefined;
    for (;;) {
      position ??= await this.#positionOf(stream, revision);
      const awaited = position === undefined ? undefined : { stream, position };
      if (awaited !== undefined && (await this.#hasApplied(runner, awaited))) return;
      const left = deadline - performance.now();
      if (left <= 0) throw new NotYetVisible(`${name} has not applied ${stream}@${revision} yet`);
      runner.live?.hurry();
      await this.#passing(runner, awaited, left);
    }
  }

  async #positionOf(stream: string, revision: number): Promise<number | undefined> {
    const [event] = await this.options.store.readStream(stream, { from: revision, limit: 1 });
    return event?.position;
  }

  #runner(name: string): Runner {
    const runner = this.#runners.get(name);
    if (runner === undefined) throw new UnknownReadModel(`there is no read model named ${name}`);
    return runner;
  }

  #advanced(name: string): void {
    for (const waiter of this.#waiters) if (waiter.name === name && waiter.isOver()) waiter.end();
  }

  /** Waits until the feed in this process passes a position, or until it is time to look again. */
  #passing(runner: Runner, awaited: Awaited | undefined, leftMs: number): Promise<void> {
    const reached = (): number | undefined => (awaited === undefined ? undefined : runner.live?.reached(awaited.stream));
    // Where this process hears of each batch itself, only its stops and starts are left to be noticed.
    const withinMs = Math.min(leftMs, reached() === undefined ? POLL_MS : LED_POLL_MS);
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve();
      };
      const timer = setTimeout(end, withinMs);
      const isOver = (): boolean => (reached() ?? -1) >= (awaited?.position ?? Infinity);
      const waiter: Waiter = { name: runner.model.name, isOver, end };
      this.#waiters.add(waiter);
    });
  }

  /** Whether the live view holds all of a stream up to a position: as this process knows it where it is the one to know, else as stored. */
  async #hasApplied({ model, live, pool }: Runner, { stream, position }: Awaited): Promise<boolean> {
    const reached = live?.reached(stream);
    const isKnown = live !== undefined && reached !== undefined;
    const state = isKnown ? { position: reached, isParked: live.parked.has(stream) } : await liveStateOf(pool, stream, this.options.topics?.partitionOf(stream));
    if (state.isParked) throw new NotYetVisible(`${stream} is parked in ${model.name}`);
    return state.position >= position;
  }
}

/** An event that a reader waits for. */
interface Awaited {
  readonly stream: string;
  readonly position: number;
}

/** A reader who waits for a read model to apply an event. */
interface Waiter {
  readonly name: string;
  readonly isOver: () => boolean;
  readonly end: () => void;
}

const LIVE_STATE = `select greatest(position, (select position from partition_place where topic = $2 and partition = $3)) as position,
  (select count(*)::int from parked) as parked, exists (select 1 from parked where stream = $1) as is_parked from place`;

/** How far a stream is applied, as it is stored. @throws ReadModelUnavailable */
async function liveStateOf(pool: pg.Pool, stream: string, partition?: TopicPartition): Promise<{ position: number; parked: number; isParked: boolean }> {
  try {
    const { rows } = await pool.query<{ position: string; parked: number; is_parked: boolean }>(LIVE_STATE, [stream, partition?.topic, partition?.partition]);
    const { position, parked, is_parked: isParked } = rows[0] ?? { position: -1, parked: 0, is_parked: false };
    return { position: Number(position), parked, isParked };
  } catch (error) {
    throw readerError(error);
  }
}
