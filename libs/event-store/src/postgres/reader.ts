import pg from 'pg';
import { StoreUnavailable } from '../errors.js';
import type { ReadStreamOptions, StoredEvent } from '../event-store.js';
import { MAX_DATA_BYTES, MAX_METADATA_BYTES, MAX_PAGE_BYTES } from '../limits.js';
import { persist } from '../persist.js';
import { clientConfig, isTransient, type PostgresStoreOptions, unavailable } from './connection.js';

const COLUMNS =
  'e.position, e.recorded_at, e.revision, e.category, e.version, e.id, e.stream, e.type, e.data, e.metadata';
const SIZE = 'octet_length(e.data) + octet_length(e.metadata)';

/**
 * Categories are looked up by name in the same snapshot: one that is registered while a page is read would
 * otherwise be skipped over.
 */
const WANTED = `($3::text[] is null
  or e.category = any(array(select c.id from annals_log.categories c where c.name = any($3))))`;

/**
 * Positions have no gaps, so a page is a range of them; it ends before the event with which it would exceed
 * its bytes. Sizes are summed in a query of their own, which does not touch the bytes.
 */
const READ_ALL = `
with reach as materialized (
  select coalesce(
    (select min(w.position) - 1 from (
      select e.position, sum(${SIZE}) over (order by e.position) as bytes from annals_log.events e
      where e.position > $1 and e.position <= $1 + $2 and ${WANTED}
    ) w where w.bytes > ${MAX_PAGE_BYTES}),
    greatest($1, least($1 + $2, coalesce((select e.position from annals_log.events e order by e.position desc limit 1), 0)))
  ) as next
), bound as materialized (
  select r.next, (select e.id from annals_log.events e where e.position = r.next) as next_id,
    (select e.id from annals_log.events e where e.position = $1) as after_id,
    exists (select from annals_log.events e where e.position = r.next + 1) as more from reach r
)
select b.next, b.next_id, b.after_id, b.more, ${COLUMNS} from bound b
left join annals_log.events e on e.position > $1 and e.position <= b.next and ${WANTED}
order by e.position`;

const READ_FORWARDS = `
select ${COLUMNS} from annals_log.events e
where e.stream = $1 and e.category = $2 and e.revision >= $3 and e.revision <= (
  select max(w.revision) from (
    select e.revision, sum(${SIZE}) over (order by e.revision) as bytes from annals_log.events e
    where e.stream = $1 and e.category = $2 and e.revision >= $3 and e.revision < $3 + $4
  ) w where w.bytes <= ${MAX_PAGE_BYTES})
order by e.revision`;

const READ_BACKWARDS = `
with top as materialized (
  select least($3, (select e.revision from annals_log.events e where e.stream = $1 and e.category = $2
    order by e.revision desc limit 1)) as revision
)
select ${COLUMNS} from top t join annals_log.events e
on e.stream = $1 and e.category = $2 and e.revision <= t.revision and e.revision >= (
  select min(w.revision) from (
    select e.revision, sum(${SIZE}) over (order by e.revision desc) as bytes from annals_log.events e
    where e.stream = $1 and e.category = $2 and e.revision <= t.revision and e.revision > t.revision - $4
  ) w where w.bytes <= ${MAX_PAGE_BYTES})
order by e.revision desc`;

const INT8 = 20;
/** Positions and times fit a number; the rest is as pg reads it. */
const TYPES = { getTypeParser: (oid: number) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, 'text')) };

/** A row of the table, its category still a number. */
export interface EventRow {
  readonly position: number;
  readonly recorded_at: number;
  readonly revision: number;
  readonly category: number;
  readonly version: number;
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

/** A page of rows and where it ends. */
export interface RowPage {
  readonly rows: readonly EventRow[];
  readonly next: number;
  /** Of the event that the page begins after. */
  readonly afterId: string | null;
  readonly nextId: string | null;
  readonly more: boolean;
}

interface BoundRow {
  readonly next: number;
  readonly next_id: string | null;
  readonly after_id: string | null;
  readonly more: boolean;
}

/** Reads pages over a small pool of connections, each a statement of its own: no snapshot outlives a page. */
export class Reader {
  readonly #pool: pg.Pool;
  readonly #retryForMs: number;
  readonly #onTrouble: (error: Error) => void;

  constructor(options: PostgresStoreOptions, retryForMs: number, onTrouble: (error: Error) => void) {
    this.#pool = new pg.Pool({
      ...clientConfig(options.connectionString, 'reader'),
      max: options.readConnections ?? 4,
      idleTimeoutMillis: 30_000,
    });
    this.#retryForMs = retryForMs;
    this.#onTrouble = onTrouble;
    // An idle connection's error; the pool drops it and the next query gets another.
    this.#pool.on('error', onTrouble);
  }

  /** Uses one connection, again while the database cannot be reached. */
  async use<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const attempt = async (): Promise<T> => {
      if (this.#pool.ending) throw new StoreUnavailable('the store is closed');
      const client = await this.#pool.connect();
      let broken = false;
      const onError = (): void => void (broken = true);
      client.on('error', onError);
      try {
        return await work(client);
      } catch (error) {
        // After anything but an answer of the server's, an answer may still come: to nobody else's query.
        if (!(error instanceof pg.DatabaseError)) broken = true;
        throw error;
      } finally {
        client.off('error', onError);
        client.release(broken);
      }
    };
    return persist(attempt, { forMs: this.#retryForMs, isTransient, unavailable, onTrouble: this.#onTrouble });
  }

  async query<R extends object>(name: string, text: string, values: readonly unknown[]): Promise<R[]> {
    const query = { name, text, values: [...values], types: TYPES };
    const { rows } = await this.use((client) => client.query<R>(query));
    return rows;
  }

  async all(after: number, limit: number, categories: readonly string[] | undefined): Promise<RowPage> {
    const rows = await this.query<EventRow & BoundRow>('read-all', READ_ALL, [after, limit, categories ?? null]);
    const [first] = rows;
    if (first === undefined) throw new Error('a page without an end');
    const { next, after_id: afterId, next_id: nextId, more, position } = first;
    return { rows: position === null ? [] : rows, next, afterId, nextId, more };
  }

  async stream(uuid: string, category: number, options: ReadStreamOptions, limit: number): Promise<EventRow[]> {
    const backwards = options.direction === 'backwards';
    const [name, text] = backwards ? ['read-backwards', READ_BACKWARDS] : ['read-forwards', READ_FORWARDS];
    const found: EventRow[] = [];
    let from = options.from ?? (backwards ? 0x7fffffff : 0);
    while (found.length < limit) {
      const rows = await this.query<EventRow>(name, text, [uuid, category, from, limit - found.length]);
      found.push(...rows);
      const last = rows.at(-1);
      if (!last || !endedByBytes(rows)) break;
      from = last.revision + (backwards ? -1 : 1);
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** Whether another event might not have fitted into this page. */
function endedByBytes(rows: readonly EventRow[]): boolean {
  const bytes = rows.reduce((sum, row) => sum + row.data.length + row.metadata.length, 0);
  return bytes > MAX_PAGE_BYTES - MAX_DATA_BYTES - MAX_METADATA_BYTES;
}

/** The event that a row holds. */
export function storedEvent(row: EventRow, category: string): StoredEvent {
  return {
    position: row.position,
    stream: `${category}-${row.stream}`,
    revision: row.revision,
    id: row.id,
    type: row.type,
    version: row.version,
    data: row.data,
    metadata: row.metadata,
    recordedAt: row.recorded_at,
  };
}
