import { ForeignPlace, type Place } from '@annals/event-store';

import type { Fence } from './batch.js';
import type { PageReader, SharedPages } from './pages.js';
import type { Transaction } from './read-model.js';
import type { Source, SourcePage } from './source.js';

const ADVANCE = `update place set position = $1, event_id = $2
  where id = 1 and generation = $3 and log_id = $4 and position = $5 returning id`;
const HOLD = 'select id from place where id = 1 and generation = $1 for update';
const POLL_MS = 1_000;

/** Moves the place of a generation by compare-and-set. */
export const movePlace =
  (generation: string, from: Place, to: Place): Fence =>
  async (transaction: Transaction) =>
    (await transaction.query('place_advance', ADVANCE, [to.position, to.eventId, generation, from.logId, from.position])).length > 0;

/** The events of a read model in the order of the log. */
export class LogSource implements Source {
  readonly pollMs = POLL_MS;
  readonly #reader: PageReader;
  #next: Place;

  constructor(
    private readonly pages: SharedPages,
    private readonly generation: string,
    public place: Place,
  ) {
    this.#reader = pages.reader();
    this.#next = place;
  }

  async read(): Promise<SourcePage> {
    const { place, generation } = this;
    const page = await this.#reader.read(place.position);
    verify(place, page.from);
    this.#next = page.place;
    return { events: page.events, move: movePlace(generation, place, page.place), moved: page.next > place.position, full: page.full };
  }

  applied(): Promise<void> {
    this.place = this.#next;
    return Promise.resolve();
  }

  /** One leads: another who moves the place has taken over. */
  lost(): Promise<boolean> {
    return Promise.resolve(false);
  }

  hold(): Fence {
    return async (transaction) => (await transaction.query('place_hold', HOLD, [this.generation])).length > 0;
  }

  reached(): number {
    return this.place.position;
  }

  parked(): void {
    // The list of the generation is all there is.
  }

  hurry(): void {
    this.pages.hurry();
  }

  close(): Promise<void> {
    this.#reader.leave();
    return Promise.resolve();
  }
}

/** The log no longer holds what was read from it: a backup has taken its place meanwhile. @throws ForeignPlace */
export function verify(before: Place, { eventId, logId }: Place): void {
  if (logId !== before.logId || eventId !== before.eventId) throw new ForeignPlace(before, 'it held it before, and holds it no longer');
}
