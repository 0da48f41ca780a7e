import { ForeignPlace, type EventStore, type Place } from '@annals/event-store';
import { ConsumerFailed, TopicDiffers, TopicsMissing, type EventTopics } from '@annals/messaging';
import type { EventCodec } from '@annals/sealing';
import type pg from 'pg';

import { applyBatch, type Target } from './batch.js';
import { connectFeed, disconnect } from './database.js';
import { cureOf, GenerationGone, nameOf, PlaceMoved, Superseded } from './errors.js';
import { generationIn } from './generations.js';
import { KafkaSource } from './kafka-source.js';
import { LogSource } from './log-source.js';
import type { SharedPages } from './pages.js';
import { ParkedStreams } from './parked-streams.js';
import { hashOf, type ReadModel } from './read-model.js';
import { Signal } from './signal.js';
import type { Source, SourcePage } from './source.js';

/** What a feed needs of the read models that it belongs to. */
export interface FeedContext {
  readonly connectionString: string;
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly pages: SharedPages;
  /** How many events a page has, and how long the first of them waits for others. */
  readonly paging: { readonly limit: number; readonly gatherMs: number };
  /** Where live generations have their events from; without it, from the log. Builds always read the log. */
  readonly topics: EventTopics | undefined;
  readonly report: (happening: Happening) => void;
  /** Called where only another process can help. */
  readonly gaveUp: (sentence: string) => void;
}

/** Something that an operator may want to know, with no personal data in it. */
export interface Happening {
  readonly level: 'info' | 'warn' | 'error';
  readonly readModel: string;
  readonly message: string;
  readonly detail?: string;
}

const LOCK_RETRY_MS = 500;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const TRANSIENT_ATTEMPTS = 8;
/** A new client is what helps a client that fails by itself; a process that needs so many in a row is ended. */
const MOST_CLIENTS = 3;

/** Which generation a feed feeds, and from where. */
export interface Fed {
  /** Its schema. */
  readonly schema: string;
  /** Kafka, where it is fed from that. */
  readonly topics: EventTopics | undefined;
}

/**
 * Feeds one generation of a read model, from the log or from Kafka: connects, and applies page after page until it is
 * stopped. Whatever fails is met by a new connection and a re-read place.
 */
export class Feed {
  /** Position up to which this process knows the generation to have applied; -1 while it does not feed it. */
  position = -1;
  /** Why it stands still, in a sentence; null while it runs or stands by. */
  trouble: string | null = null;
  readonly parked: ParkedStreams;
  readonly #stop = new AbortController();
  readonly #signal = new Signal();
  #source: Source | undefined;
  #retryAsked = true;
  #failedClients = 0;
  #done: Promise<void> | undefined;

  /**
   * @param hooks - `advanced` is called after each commit, as is `applied`, with the events and when they were begun; `caughtUp`, on the feed's connection, where the
   * log's end is near: true ends the feed
   */
  constructor(
    private readonly context: FeedContext,
    private readonly model: ReadModel,
    private readonly fed: Fed,
    private readonly hooks: {
      readonly advanced: () => void;
      readonly applied?: (events: SourcePage['events'], begun: number) => void;
      readonly caughtUp: (client: pg.Client, place: Place) => Promise<boolean>;
    },
  ) {
    this.parked = new ParkedStreams(context, model.name);
  }

  /** Starts it; the promise resolves when it has ended. @throws GenerationGone, Superseded */
  run(): Promise<void> {
    this.#done ??= this.#run();
    return this.#done;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#signal.raise();
    // It may be waiting for a page that is not due yet.
    this.hurry();
    await this.#done?.catch(() => undefined);
  }

  /** Tries the parked streams again, soon. */
  retryParked(): void {
    this.#retryAsked = true;
    this.#signal.raise();
  }

  /** Somebody waits for what the log holds now. */
  hurry(): void {
    this.#source?.hurry();
  }

  /** Up to which position this process knows the events of a stream to be applied; undefined where it is not the one to know. */
  reached(stream: string): number | undefined {
    return this.position < 0 ? undefined : this.#source?.reached(stream);
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
        await this.#signal.wait(pause, this.#stop.signal, true);
      }
    } finally {
      unsubscribe();
    }
  }

  #met(error: unknown): false {
    // What breaks off while a stop takes its connections away is begun again at the next start, and no trouble.
    if (this.#stop.signal.aborted) return false;
    if (error instanceof Superseded || error instanceof GenerationGone) throw error;
    // The services that publish make their topics when they start, which may be later.
    if (error instanceof PlaceMoved || error instanceof TopicsMissing) return false;
    this.trouble = troubleOf(error, this.model);
    this.context.report({ level: 'error', readModel: this.model.name, message: this.trouble, detail: nameOf(error) });
    this.#failedClients = error instanceof ConsumerFailed ? this.#failedClients + 1 : 0;
    if (this.#failedClients >= MOST_CLIENTS) this.context.gaveUp(this.trouble);
    return false;
  }

  /** One connection's life. @returns true where the feed has done all that it is for */
  async #session(): Promise<boolean> {
    const client = await connectFeed(this.context.connectionString, this.fed.schema);
    try {
      if (!(await this.#lead(client))) return false;
      const { target, source } = await this.#begin(client);
      try {
        return await this.#follow(target, source);
      } finally {
        this.#source = undefined;
        await source.close();
      }
    } finally {
      await disconnect(client);
    }
  }

  /** From the log one process feeds a generation; from Kafka those who share its partitions do, and none from the log. */
  async #lead(client: pg.Client): Promise<boolean> {
    const { schema, topics } = this.fed;
    const take = topics === undefined ? 'pg_try_advisory_lock' : 'pg_try_advisory_lock_shared';
    const name = `annals feed ${schema} ${hashOf(this.model)}`;
    while (!this.#stop.signal.aborted) {
      const { rows } = await client.query<{ held: boolean }>(`select ${take}(hashtextextended($1, 0)) as held`, [name]);
      if (rows[0]?.held === true) return true;
      this.trouble = null;
      await this.#signal.wait(LOCK_RETRY_MS, this.#stop.signal, true);
    }
    return false;
  }

  async #follow(target: Target, source: Source): Promise<boolean> {
    while (!this.#stop.signal.aborted) {
      await this.#retryIfAsked(target, source);
      const page = await source.read();
      const begun = Date.now();
      if (page.moved && !(await this.#isApplied(target, source, page))) continue;
      this.hooks.applied?.(page.events, begun);
      this.#at(source.place);
      if (!page.full && (await this.hooks.caughtUp(target.client, source.place))) return true;
      if (!page.moved) await this.#signal.wait(source.pollMs, this.#stop.signal);
    }
    return false;
  }

  async #retryIfAsked(target: Target, source: Source): Promise<void> {
    if (!this.#retryAsked) return;
    this.#retryAsked = false;
    await this.parked.retry(target, source, this.#stop.signal);
  }

  /** Reads where the generation stands. @throws GenerationGone, Superseded, ForeignPlace */
  async #begin(client: pg.Client): Promise<{ target: Target; source: Source }> {
    const { model, context } = this;
    const { schema, topics } = this.fed;
    const found = await generationIn(client, schema);
    if (found === undefined) throw new GenerationGone(`there is no ${schema}`);
    if (found.hash !== hashOf(model)) throw new Superseded(`${schema} is not a generation that this code feeds`);
    const place: Place = { logId: found.logId, position: found.position, eventId: found.eventId };
    await context.store.verifyPlace(place);
    const reloaded = (): Promise<void> => this.parked.load(client);
    await reloaded();
    const generation = found.name;
    const { store, codec, paging } = context;
    const wake = (): void => this.#signal.raise();
    const source = topics === undefined ? new LogSource(context.pages, generation, place) : await KafkaSource.open({ client, model, generation, store, codec, topics, ...paging, wake, reloaded }, place);
    this.#source = source;
    this.trouble = null;
    this.#at(place);
    return { target: { client, model, parked: this.parked }, source };
  }

  #at(place: Place): void {
    this.position = place.position;
    this.hooks.advanced();
  }

  /** Applies a page. @returns false where another has moved the place, and the page is to be read again */
  async #isApplied(target: Target, source: Source, page: SourcePage): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        for (const parked of await applyBatch(target, page)) {
          this.parked.add(parked);
          source.parked(parked);
        }
        await source.applied();
        this.#failedClients = 0;
        return true;
      } catch (error) {
        if (error instanceof PlaceMoved && (await source.lost())) return false;
        if (cureOf(error) !== 'again' || attempt >= TRANSIENT_ATTEMPTS) throw error;
      }
    }
  }
}

/** Errors that were made to be told are told in their own words. */
function troubleOf(error: unknown, { name }: ReadModel): string {
  const isTold = error instanceof ForeignPlace || error instanceof TopicDiffers || error instanceof ConsumerFailed;
  return isTold ? error.message : `the read model ${name} stands still: ${nameOf(error)}`;
}
