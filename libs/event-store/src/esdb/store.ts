import { ForeignPlace } from '../errors.js';
import type { AllPage, Appended, EventStore, ExpectedRevision, NewEvent, Place, ReadAllOptions, ReadStreamOptions, StoredEvent } from '../event-store.js';
import { checkAppend, checkCategories, pageLimit, parseStream, wholeNumber } from '../limits.js';
import { Appender } from './appender.js';
import { Connection, type EventStoreDbOptions } from './connection.js';
import { type Found, Reader } from './reader.js';
import { Signal } from './signal.js';

/**
 * Opens the log in an EventStoreDB, of version 21.10 or later, and gives it its id where it has none.
 *
 * @throws RangeError where the connection string is none; StoreUnavailable where the server does not answer in time;
 * UnreadableLog where its log is of another format
 */
export async function openEventStoreDb(options: EventStoreDbOptions): Promise<EventStore> {
  return new EventStoreDb(await Connection.open(options));
}

class EventStoreDb implements EventStore {
  readonly #reader: Reader;
  readonly #appender: Appender;
  readonly #signal: Signal;
  #closing: Promise<void> | undefined;

  constructor(private readonly connection: Connection) {
    this.#reader = new Reader(connection);
    this.#appender = new Appender(connection, this.#reader);
    this.#signal = new Signal(connection);
  }

  get logId(): string {
    return this.connection.logId;
  }

  async append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended> {
    parseStream(stream);
    checkAppend(stream, expected, events);
    const copied = events.map((event) => ({ ...event, data: Uint8Array.from(event.data), metadata: Uint8Array.from(event.metadata) }));
    const appended = await this.#appender.append({ stream, expected, events: copied });
    this.#signal.appended();
    return appended;
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<readonly StoredEvent[]> {
    parseStream(stream);
    const limit = pageLimit(options);
    const from = options.from === undefined ? undefined : wholeNumber(options.from, 'a revision');
    return this.#reader.stream(stream, { backwards: options.direction === 'backwards', from, limit });
  }

  /**
   * The head is asked for before the page is: all that is below it and wanted is in the page, so that a page which is not
   * full ends there, over events of other categories and of the server's own.
   */
  async readAll(options: ReadAllOptions): Promise<AllPage> {
    const after = wholeNumber(options.after, 'a position');
    const limit = pageLimit(options);
    const categories = checkCategories(options.categories);
    const [head, eventId] = await Promise.all([this.#reader.head(), after === 0 ? null : this.#reader.idAt(after)]);
    const from = { logId: this.logId, position: after, eventId };
    // Where nothing begins at a position, there is nothing to go on from either.
    if (head.position <= after || (eventId === null && after > 0)) return pageAt([], { from, place: from, more: false });
    const found = await this.#reader.after(after, categories, limit);
    return pageAt(found.events, { from, place: this.#endOf(found, head), more: found.more });
  }

  async head(): Promise<Place> {
    return this.#reader.head();
  }

  async verifyPlace(place: Place): Promise<void> {
    const { logId, position, eventId } = place;
    if (logId !== this.logId) throw new ForeignPlace(place, `this log is ${this.logId}`);
    const there = position === 0 ? null : await this.#reader.idAt(position);
    if (there !== eventId || (there === null && position > 0)) throw new ForeignPlace(place, `it holds ${there ?? 'no event'} there`);
  }

  onAppended(wake: () => void): () => void {
    return this.#signal.listen(wake);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#appender.idle();
    await this.#signal.close();
    await this.connection.close();
  }

  #endOf({ events, more }: Found, head: Place): Place {
    const last = events.at(-1);
    if (last === undefined || !(more || last.position > head.position)) return head;
    return { logId: this.logId, position: last.position, eventId: last.id };
  }
}

const pageAt = (events: readonly StoredEvent[], rest: Pick<AllPage, 'from' | 'place' | 'more'>): AllPage => ({ events, next: rest.place.position, ...rest });
