import { ForeignPlace } from '../errors.js';
import type {
  AllPage,
  Appended,
  EventStore,
  ExpectedRevision,
  NewEvent,
  Place,
  ReadAllOptions,
  ReadStreamOptions,
  StoredEvent,
} from '../event-store.js';
import { checkAppend, checkCategories, pageLimit, parseStream, wholeNumber } from '../limits.js';
import { Categories } from './categories.js';
import type { PostgresStoreOptions } from './connection.js';
import { readLogId } from './migrate.js';
import { type EventRow, Reader, storedEvent } from './reader.js';
import { Signal } from './signal.js';
import { Writer } from './writer.js';

const RETRY_FOR_MS = 10_000;

/**
 * Opens the log that `migratePostgresLog` made.
 *
 * @throws UnreadableLog where there is none or it is of another format; StoreUnavailable where the database
 * does not answer in time
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<EventStore> {
  const retryForMs = options.retryForMs ?? RETRY_FOR_MS;
  const onTrouble = options.onTrouble ?? (() => undefined);
  const reader = new Reader(options, retryForMs, onTrouble);
  try {
    const logId = await reader.use(readLogId);
    const signal = new Signal(options.connectionString);
    const { connectionString, onGroup } = options;
    const writer = new Writer({ connectionString, logId, retryForMs, onTrouble, onGroup, onDecided: () => signal.appended() });
    return new PostgresStore(logId, { reader, writer, signal });
  } catch (error) {
    await reader.close();
    throw error;
  }
}

interface Parts {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly signal: Signal;
}

class PostgresStore implements EventStore {
  readonly #categories: Categories;
  /** Appends that wait for their category's number. */
  readonly #firsts = new Set<Promise<Appended>>();
  #closing: Promise<void> | undefined;

  constructor(
    readonly logId: string,
    private readonly parts: Parts,
  ) {
    this.#categories = new Categories(parts.reader);
  }

  async append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended> {
    const { category: name, uuid } = parseStream(stream);
    const bytes = checkAppend(stream, expected, events);
    const send = (category: number): Promise<Appended> =>
      this.parts.writer.append({ stream, uuid, category, expected, events, bytes });
    const known = this.#categories.known(name);
    if (known !== undefined) return send(known);
    const first = this.#categories.register(name).then(send);
    this.#firsts.add(first);
    return first.finally(() => this.#firsts.delete(first));
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<readonly StoredEvent[]> {
    const { category: name, uuid } = parseStream(stream);
    const limit = pageLimit(options);
    if (options.from !== undefined) wholeNumber(options.from, 'a revision');
    const category = await this.#categories.find(name);
    if (category === undefined) return [];
    const rows = await this.parts.reader.stream(uuid, category, options, limit);
    return rows.map((row) => storedEvent(row, name));
  }

  async readAll(options: ReadAllOptions): Promise<AllPage> {
    const after = wholeNumber(options.after, 'a position');
    const limit = pageLimit(options);
    const categories = checkCategories(options.categories);
    const { rows, next, afterId, nextId, more } = await this.parts.reader.all(after, limit, categories);
    const at = (position: number, eventId: string | null): Place => ({ logId: this.logId, position, eventId });
    return { events: await this.#events(rows), next, from: at(after, afterId), place: at(next, nextId), more };
  }

  async head(): Promise<Place> {
    const [last] = await this.parts.reader.query<{ position: number; id: string }>(
      'head',
      'select e.position, e.id from annals_log.events e order by e.position desc limit 1',
      [],
    );
    return { logId: this.logId, position: last?.position ?? 0, eventId: last?.id ?? null };
  }

  async verifyPlace(place: Place): Promise<void> {
    if (place.logId !== this.logId) throw new ForeignPlace(place, `this log is ${this.logId}`);
    const rows = await this.parts.reader.query<{ id: string }>(
      'place',
      'select e.id from annals_log.events e where e.position = $1',
      [place.position],
    );
    const there = rows[0]?.id ?? null;
    if (there !== place.eventId || (there === null && place.position > 0)) {
      throw new ForeignPlace(place, `it holds ${there ?? 'no event'} there`);
    }
  }

  onAppended(wake: () => void): () => void {
    return this.parts.signal.listen(wake);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#firsts);
    await this.parts.writer.close();
    await this.parts.signal.close();
    await this.parts.reader.close();
  }

  async #events(rows: readonly EventRow[]): Promise<StoredEvent[]> {
    const names = new Map<number, string>();
    for (const { category } of rows) {
      if (!names.has(category)) names.set(category, await this.#categories.name(category));
    }
    return rows.map((row) => storedEvent(row, names.get(row.category) ?? ''));
  }
}
