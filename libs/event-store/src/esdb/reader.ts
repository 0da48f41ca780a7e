import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { UnreadableLog } from '../errors.js';
import type { Place, StoredEvent } from '../event-store.js';
import { MAX_PAGE_BYTES } from '../limits.js';
import type { Attempt, Connection } from './connection.js';
import { positionOf, unframed, type FramedEvent } from './frame.js';
import { KnownIds } from './known-ids.js';
import { recordsOf } from './records.js';
import { allRequest, streamNames, streamRequest } from './requests.js';
import { isCallError } from './trouble.js';

/** Ids of a stream that are read at once. */
const PAGE_IDS = 1_000;

/** What a read of the global order found. */
export interface Found {
  readonly events: readonly StoredEvent[];
  /** False where the server had no more to give. */
  readonly more: boolean;
}

/** Reads streams and `$all`, each read an attempt that can be repeated as a whole. */
export class Reader {
  readonly known = new KnownIds();

  constructor(private readonly connection: Connection) {
    connection.onReconnected(() => this.known.clear());
  }

  /** At most so many events of a stream, all that there are up to then. */
  async stream(stream: string, { backwards, from, limit }: { backwards: boolean; from: number | undefined; limit: number }): Promise<StoredEvent[]> {
    let start = backwards ? from : (from ?? 0);
    if (backwards && from !== undefined) {
      // Where a read backwards begins beyond the end differs between versions of the server.
      const [last] = await this.#read(streamRequest(stream, { backwards, from: undefined, count: 1 }));
      if (last === undefined) return [];
      start = Math.min(from, last.event.revision);
    }
    const events = (await this.#read(streamRequest(stream, { backwards, from: start, count: limit }))).map(({ event }) => event);
    if (!backwards) this.known.learn(stream, start ?? 0, events.map(({ id }) => id));
    return events;
  }

  /** The ids of a stream's events, by revision: all that there are now. */
  async ids(stream: string): Promise<readonly string[]> {
    return this.connection.use(async (attempt) => {
      // Looked up here: a new connection has just made them be forgotten.
      const ids = [...this.known.of(stream)];
      for (;;) {
        const page = await idsOf(attempt, streamRequest(stream, { backwards: false, from: ids.length, count: PAGE_IDS }));
        ids.push(...page);
        if (page.length === PAGE_IDS) continue;
        this.known.learn(stream, 0, ids);
        return ids;
      }
    });
  }

  /** One event of a stream. */
  async at(stream: string, revision: number): Promise<FramedEvent | undefined> {
    const [found] = await this.#read(streamRequest(stream, { backwards: false, from: revision, count: 1 }));
    return found;
  }

  /** Events of `$all` above a position that the log has given, of these categories; at most so many, and 4 MiB. */
  async after(position: number, categories: readonly string[] | undefined, limit: number): Promise<Found> {
    if (categories?.length === 0) return { events: [], more: false };
    // The server begins with the event at the position, where the filter lets it through.
    const request = allRequest({ from: position, count: limit + 1, streams: streamNames(categories) });
    return this.connection.use((attempt) => pageOf(attempt, request, { position, limit }));
  }

  /** The place of the log's last event. */
  async head(): Promise<Place> {
    const { logId } = this.connection;
    const [last] = await this.#read(allRequest({ from: undefined, count: 1, streams: streamNames() }));
    return { logId, position: last?.event.position ?? 0, eventId: last?.event.id ?? null };
  }

  /** The id of the event at exactly this position; null where there is none. */
  async idAt(position: number): Promise<string | null> {
    return this.connection.use(async (attempt) => {
      try {
        for await (const record of recordsOf(attempt, allRequest({ from: position, count: 1 }))) {
          return positionOf(record) === position ? (record.getId()?.getString() ?? null) : null;
        }
        return null;
      } catch (error) {
        if (isNoPosition(error)) return null;
        throw error;
      }
    });
  }

  async #read(request: ReadReq): Promise<FramedEvent[]> {
    return this.connection.use(async (attempt) => {
      const found: FramedEvent[] = [];
      for await (const record of recordsOf(attempt, request)) found.push(unframed(record));
      return found;
    });
  }
}

async function idsOf(attempt: Attempt, request: ReadReq): Promise<string[]> {
  const ids: string[] = [];
  for await (const record of recordsOf(attempt, request)) ids.push(record.getId()?.getString() ?? '');
  return ids;
}

async function pageOf(attempt: Attempt, request: ReadReq, { position, limit }: { position: number; limit: number }): Promise<Found> {
  const events: StoredEvent[] = [];
  let bytes = 0;
  for await (const record of recordsOf(attempt, request)) {
    const { event } = unframed(record);
    if (event.position < position) throw new UnreadableLog(`a read from position ${position} found ${event.position}`);
    if (event.position === position) continue;
    bytes += event.data.byteLength + event.metadata.byteLength;
    if (bytes > MAX_PAGE_BYTES || events.length === limit) return { events, more: true };
    events.push(event);
  }
  return { events, more: events.length === limit };
}

// "Trying to read from an invalid position" from 23.10 on (RpcExceptions.cs); before that an error without a name.
const INVALID_ARGUMENT = 3;
const UNKNOWN = 2;

/** Whether the server says that no event begins at a position. */
const isNoPosition = (error: unknown): boolean => isCallError(error) && (error.code === INVALID_ARGUMENT || error.code === UNKNOWN);
