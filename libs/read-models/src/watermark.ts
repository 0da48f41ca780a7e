import type { EventStore, Place, StoredEvent } from '@annals/event-store';
import type pg from 'pg';

import { GenerationGone } from './errors.js';
import { verify } from './log-source.js';

const TAKE = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as held';
const MOVE = 'update place set position = $1, event_id = $2 where id = 1 and generation = $3 and position = $4 returning id';
const PAGE_EVENTS = 2_000;

/** What a watermark is kept of. */
export interface WatermarkOptions {
  readonly client: pg.Client;
  readonly store: EventStore;
  readonly generation: string;
  /** Of the read model. */
  readonly name: string;
  readonly categories: readonly string[];
  /** Up to which position of the log the partition of a stream is applied; asked of the database where it is `fresh`. */
  readonly appliedOf: (stream: string, fresh: boolean) => Promise<number>;
}

/**
 * The place up to which everything is applied of what comes by partitions, each at its own pace: it follows the log, event by
 * event, as far as the partitions have come. So the read model stands at a place of the log whatever brings its events; an
 * event that never comes holds it where it is, in sight; and a log that is not the one which was read is found out.
 *
 * One process keeps it, and the next takes over.
 */
export class Watermark {
  #isKept = false;

  constructor(
    private readonly options: WatermarkOptions,
    public place: Place,
  ) {}

  /**
   * Goes as far as it can by one page of the log.
   *
   * @returns whether there is likely `more` to pass, it `waits` for a partition, or the log's `end` is reached
   * @throws ForeignPlace, GenerationGone
   */
  async advance(): Promise<'more' | 'waits' | 'end'> {
    if (!(await this.#keeps())) return 'end';
    const { store, categories } = this.options;
    const page = await store.readAll({ after: this.place.position, categories, limit: PAGE_EVENTS });
    verify(this.place, page.from);
    const passed = await this.#passed(page.events);
    const last = page.events[passed - 1];
    if (passed === page.events.length) return (await this.#move(page.place)) ? 'more' : 'end';
    if (last !== undefined) await this.#move({ logId: store.logId, position: last.position, eventId: last.id });
    return 'waits';
  }

  async #keeps(): Promise<boolean> {
    if (this.#isKept) return true;
    const { client, generation, name } = this.options;
    const { rows } = await client.query<{ held: boolean }>(TAKE, [`annals watermark ${name} ${generation}`]);
    this.#isKept = rows[0]?.held === true;
    await this.#reread();
    return this.#isKept;
  }

  /** Another kept it until now. */
  async #reread(): Promise<void> {
    const { client, generation, store } = this.options;
    const { rows } = await client.query<{ position: string; event_id: string | null }>('select position, event_id from place where id = 1 and generation = $1', [generation]);
    const [row] = rows;
    if (row === undefined) throw new GenerationGone(`there is no generation ${generation}`);
    this.place = { logId: store.logId, position: Number(row.position), eventId: row.event_id };
  }

  /** How many of these events are applied, from the first. */
  async #passed(events: readonly StoredEvent[]): Promise<number> {
    const { appliedOf } = this.options;
    for (const [index, { stream, position }] of events.entries()) {
      if ((await appliedOf(stream, false)) >= position) continue;
      if ((await appliedOf(stream, true)) < position) return index;
    }
    return events.length;
  }

  /** @returns whether it was further on */
  async #move(to: Place): Promise<boolean> {
    if (to.position === this.place.position) return false;
    const { client, generation } = this.options;
    const { rows } = await client.query(MOVE, [to.position, to.eventId, generation, this.place.position]);
    if (rows.length === 0) throw new GenerationGone(`there is no generation ${generation}`);
    this.place = to;
    return true;
  }
}
