import type { EventStore } from '@annals/event-store';
import type { EventCodec } from '@annals/sealing';

import { applyParked, type Batch, type Parked, type Target } from './batch.js';
import type pg from 'pg';
import type { Happening } from './feed.js';
import type { ReadModel } from './read-model.js';
import type { Source } from './source.js';

const RETRY_PAGE_EVENTS = 200;
/** More parked streams than this are not listed in memory: the read model stops. */
const MOST_PARKED = 10_000;

/** The streams that a generation has parked, as its feed knows them. */
export class ParkedStreams {
  readonly #streams = new Map<string, Parked>();

  constructor(
    private readonly context: { readonly store: EventStore; readonly codec: EventCodec; readonly report: (happening: Happening) => void },
    private readonly readModel: string,
  ) {}

  has(stream: string): boolean {
    return this.#streams.has(stream);
  }

  /** Reads them as they are stored. */
  async load(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ stream: string; from_revision: number; position: string; reason: string }>(
      `select stream, from_revision, position, reason from parked order by stream limit ${MOST_PARKED + 1}`,
    );
    this.#streams.clear();
    for (const { stream, from_revision: revision, position, reason } of rows) {
      this.#streams.set(stream, { stream, revision, position: Number(position), reason });
    }
  }

  /** One more was parked. */
  add(parked: Parked): void {
    if (this.#streams.size >= MOST_PARKED) throw new Error(`more than ${MOST_PARKED} streams are parked`);
    this.#streams.set(parked.stream, parked);
    this.#report('warn', `${parked.stream} is parked from revision ${parked.revision}`, parked.reason);
  }

  /** Tries each of them again, from the log. */
  async retry(target: Target, source: Source, signal: AbortSignal): Promise<void> {
    for (const parked of [...this.#streams.values()]) {
      if (signal.aborted) return;
      const { stream } = parked;
      const reason = await applyParked(target, { stream, hold: source.hold(stream) }, this.#eventsOf(parked, target.model));
      if (reason !== undefined) continue;
      this.#streams.delete(stream);
      this.#report('info', `${stream} is applied again`);
    }
  }

  async *#eventsOf({ stream, revision }: Parked, model: ReadModel): AsyncGenerator<Batch['events']> {
    const { store, codec } = this.context;
    const listed = new Set<string>(model.events);
    for (let from = revision; ; ) {
      const events = await store.readStream(stream, { from, limit: RETRY_PAGE_EVENTS });
      const last = events.at(-1);
      if (last === undefined) return;
      yield await codec.decodeEach(events.filter(({ type }) => listed.has(type)), { addresses: model.opensAddresses ?? false });
      from = last.revision + 1;
    }
  }

  #report(level: Happening['level'], message: string, detail?: string): void {
    this.context.report({ level, readModel: this.readModel, message, ...(detail !== undefined && { detail }) });
  }
}
