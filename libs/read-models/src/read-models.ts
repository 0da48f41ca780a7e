import type { ReadModelStatus } from '@annals/contracts';
import type { EventStore } from '@annals/event-store';
import type { EventCodec } from '@annals/sealing';

import { readerError, readerPool } from './database.js';
import { digestOf } from './digest.js';
import { NotYetVisible, UnknownReadModel } from './errors.js';
import type { FeedContext, Happening } from './feed.js';
import { schemasOf } from './generations.js';
import { measureReadModels } from './metrics.js';
import { SharedPages } from './pages.js';
import type { ReadModel } from './read-model.js';
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
/** Where this process hears of each batch itself, only its stops and starts are left to be noticed. */
const LED_POLL_MS = 500;

/** The read models of one process: kept up with the log, and read. */
export class ReadModels {
  readonly #runners: ReadonlyMap<string, Runner>;
  readonly #waiters = new Set<Waiter>();
  readonly #pages: SharedPages;
  #closed: Promise<void> | undefined;

  constructor(private readonly options: ReadModelsOptions) {
    const { store, codec, connectionString, models, pageEvents: limit = DEFAULT_PAGE_EVENTS, gatherMs = DEFAULT_GATHER_MS } = options;
    const pages = new SharedPages(store, codec, models, { limit, gatherMs });
    this.#pages = pages;
    const report = options.report ?? ((): void => undefined);
    const context: FeedContext = { connectionString, store, codec, pages, report };
    this.#runners = new Map(
      models.map((model) => [model.name, new Runner(model, readerPool(connectionString, model.name), context, (position) => this.#advanced(model.name, position))]),
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
    const head = (await this.options.store.head()).position;
    const rows = await Promise.all([...this.#runners.values()].map((runner) => statusOf(runner, head)));
    return rows.flat();
  }

  /** Why the read models are not ready; empty where they are. @throws ReadModelUnavailable */
  async troubles(): Promise<string[]> {
    const most = this.options.mostParked ?? DEFAULT_MOST_PARKED;
    const found: string[] = [];
    for (const runner of this.#runners.values()) {
      const troubles = runner.troubles();
      found.push(...troubles);
      const parked = troubles.length > 0 ? 0 : (await liveStateOf(runner, '')).parked;
      if (parked > most) found.push(`${runner.model.name} has parked ${parked} streams, more than ${most}`);
    }
    return found;
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
      if (position !== undefined && (await hasApplied(runner, stream, position))) return;
      const left = deadline - performance.now();
      if (left <= 0) throw new NotYetVisible(`${name} has not applied ${stream}@${revision} yet`);
      this.#pages.hurry();
      await this.#passing(runner, position, left);
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

  #advanced(name: string, position: number): void {
    for (const waiter of this.#waiters) if (waiter.position <= position && waiter.name === name) waiter.end();
  }

  /** Waits until the feed in this process passes a position, or until it is time to look again. */
  #passing(runner: Runner, position = Infinity, leftMs = 0): Promise<void> {
    const { name } = runner.model;
    const isHeard = isLed(runner) && position !== Infinity;
    const withinMs = Math.min(leftMs, isHeard ? LED_POLL_MS : POLL_MS);
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve();
      };
      const timer = setTimeout(end, withinMs);
      const waiter: Waiter = { name, position, end };
      this.#waiters.add(waiter);
    });
  }
}

/** A reader who waits for a read model to pass a position. */
interface Waiter {
  readonly name: string;
  readonly position: number;
  readonly end: () => void;
}

/** Whether this process feeds the live generation, and so hears of each batch. */
const isLed = ({ live }: Runner): boolean => live !== undefined && live.position >= 0;

/** Whether the live view holds all of a stream up to a position: as this process knows it where it leads, else as stored. */
async function hasApplied(runner: Runner, stream: string, position: number): Promise<boolean> {
  const { live } = runner;
  const state = live !== undefined && isLed(runner) ? { position: live.position, isParked: live.parked.has(stream) } : await liveStateOf(runner, stream);
  if (state.isParked) throw new NotYetVisible(`${stream} is parked in ${runner.model.name}`);
  return state.position >= position;
}

const LIVE_STATE = `select position, (select count(*)::int from parked) as parked,
  exists (select 1 from parked where stream = $1) as is_parked from place`;

async function liveStateOf({ pool }: Runner, stream: string): Promise<{ position: number; parked: number; isParked: boolean }> {
  try {
    const { rows } = await pool.query<{ position: string; parked: number; is_parked: boolean }>(LIVE_STATE, [stream]);
    const [row] = rows;
    return { position: Number(row?.position ?? -1), parked: row?.parked ?? 0, isParked: row?.is_parked ?? false };
  } catch (error) {
    throw readerError(error);
  }
}
