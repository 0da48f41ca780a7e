import { ForeignPlace, type Place } from '@annals/event-store';
import type pg from 'pg';

import { GenerationGone, nameOf, Superseded } from './errors.js';
import { traceEvents, type TracedEvent } from '@annals/service';
import { Feed, type FeedContext } from './feed.js';
import { dropRetired, ensureBuilding, generationIn, indexBuilding, inspect, schemasOf, swap, type Generation, type Generations } from './generations.js';
import type { Page } from './pages.js';
import { hashOf, type ReadModel } from './read-model.js';
import { Signal } from './signal.js';

const LOOK_EVERY_MS = 2_000;

/**
 * Keeps one read model: feeds the live generation, builds another where the code has changed or a rebuild
 * was asked for, swaps, and drops what was live before. It decides from what the database holds, again and
 * again, so a restart at any moment goes on where things stand.
 */
export class Runner {
  readonly #hash: string;
  readonly #stop = new AbortController();
  readonly #signal = new Signal();
  #live: Feed | undefined;
  #build: Feed | undefined;
  #wasLive = false;
  #superseded: string | null = null;
  #unmade: string | null = 'is not looked at yet';
  #loop: Promise<void> | undefined;

  constructor(
    readonly model: ReadModel,
    /** Reads the live generation. */
    readonly pool: pg.Pool,
    private readonly context: FeedContext,
    private readonly advanced: () => void,
  ) {
    this.#hash = hashOf(model);
  }

  /** The feed of the live generation, where this process has one. */
  get live(): Feed | undefined {
    return this.#live;
  }

  /** The feed of the generation that is being built, where this process has one. */
  get build(): Feed | undefined {
    return this.#build;
  }

  /** Whether what is live, whoever feeds it, is made of events that the log holds. */
  async isOfTheLog(): Promise<boolean> {
    const live = await generationIn(this.pool, schemasOf(this.model).live);
    return live !== undefined && !(await this.#isForeign(live));
  }

  /** Why it is not as it should be, in sentences. */
  troubles(): string[] {
    return [this.#unmade, this.#superseded, this.#live?.trouble, this.#build?.trouble].filter((trouble) => typeof trouble === 'string');
  }

  start(): void {
    this.#loop ??= this.#watch();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#live?.stop(), this.#build?.stop(), this.#loop]);
  }

  /** Starts a build beside the live generation, or leaves the one that is under way. */
  async rebuild(): Promise<void> {
    await ensureBuilding(this.context.connectionString, this.model, this.context.store, true);
    this.#signal.raise();
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        this.#unmade = `${this.model.name} cannot be looked at: ${nameOf(error)}`;
        // These statements hold no data, so that their errors may be told in full.
        this.context.report({ level: 'error', readModel: this.model.name, message: this.#unmade, detail: String(error) });
      }
      await this.#signal.wait(LOOK_EVERY_MS, this.#stop.signal);
    }
  }

  async #look(): Promise<void> {
    const found = await inspect(this.pool, this.model);
    const isLive = found.live?.hash === this.#hash;
    this.#judge(found, isLive);
    if (isLive) this.#feedLive();
    if (this.#superseded === null) await this.#buildIfNeeded(found);
    if (found.retired && !this.#stop.signal.aborted) await dropRetired(this.pool, this.model);
  }

  #judge({ live }: Generations, isLive: boolean): void {
    // Once this process has seen its own generation live, another one there means that newer code took over:
    // to build the old one again would set two versions at each other.
    if (this.#wasLive && !isLive && live !== undefined) this.#superseded = `${this.model.name} is fed by other code now`;
    this.#wasLive ||= isLive;
    this.#unmade = isLive ? null : `${this.model.name} is being built`;
  }

  async #buildIfNeeded(found: Generations): Promise<void> {
    const isAsked = found.building?.hash === this.#hash;
    if (this.#build !== undefined || (found.live?.hash === this.#hash && !isAsked)) return;
    await ensureBuilding(this.context.connectionString, this.model, this.context.store);
    if (this.#stop.signal.aborted) return;
    let isIndexed = false;
    const feed = new Feed(this.context, this.model, { schema: schemasOf(this.model).building, topics: undefined }, {
      advanced: () => undefined,
      caughtUp: async (client, place) => {
        if (!isIndexed) await indexBuilding(this.context.connectionString, this.model);
        isIndexed = true;
        return await this.#swap(client, place);
      },
    });
    this.#build = feed;
    void this.#ended(feed).finally(() => {
      this.#build = undefined;
      this.#signal.raise();
    });
  }

  #feedLive(): void {
    if (this.#live !== undefined || this.#stop.signal.aborted) return;
    const feed = new Feed(this.context, this.model, { schema: schemasOf(this.model).live, topics: this.context.topics }, {
      advanced: this.advanced,
      applied: (events, begun) => traceEvents(`apply ${this.model.name}`, tracedOf(events, this.model), begun),
      caughtUp: () => Promise.resolve(false),
    });
    this.#live = feed;
    void this.#ended(feed).finally(() => {
      this.#live = undefined;
      this.#signal.raise();
    });
  }

  async #swap(client: pg.Client, place: Place): Promise<boolean> {
    const orAhead = await this.#isForeign(await generationIn(client, schemasOf(this.model).live));
    if (!(await swap(client, this.model, { position: place.position, orAhead }))) return false;
    this.context.report({ level: 'info', readModel: this.model.name, message: `a new generation is live at position ${place.position}` });
    return true;
  }

  /** Whether the log does not hold the place of what is live: a backup was restored, and readers are better off with the build. */
  async #isForeign(live: Generation | undefined): Promise<boolean> {
    if (live === undefined) return false;
    try {
      await this.context.store.verifyPlace({ logId: live.logId, position: live.position, eventId: live.eventId });
      return false;
    } catch (error) {
      if (error instanceof ForeignPlace) return true;
      throw error;
    }
  }

  async #ended(feed: Feed): Promise<void> {
    try {
      await feed.run();
    } catch (error) {
      // What is there now is looked at next.
      if (error instanceof GenerationGone) return;
      if (!(error instanceof Superseded)) throw error;
      this.context.report({ level: 'warn', readModel: this.model.name, message: error.message });
      if (feed === this.#build) this.#superseded = error.message;
    }
  }
}

/** The events that a read model is made of, without those that could not be read. */
function* tracedOf(events: Page['events'], { events: listed }: ReadModel): Generator<TracedEvent> {
  for (const event of events) if ('metadata' in event && listed.some((type) => type === event.type)) yield event;
}
