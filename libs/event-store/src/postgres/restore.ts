import pg from 'pg';

import type { Place, StoredEvent } from '../event-store.js';
import { parseStream } from '../limits.js';
import { byteaArray } from './binary-array.js';
import { readLogId } from './migrate.js';

/** A backup that cannot be put into this database: what was found, in a sentence. */
export class RestoreRefused extends Error {
  override readonly name = 'RestoreRefused';
}

/** What is put into an empty log. */
export interface LogRestore {
  /** Connection of the role that owns the log's schema. */
  readonly ownerUrl: string;
  /** Where the log stood when the backup was taken; the restored one has this id and ends with this event. */
  readonly head: Place;
  /** All events up to the head, in order of position. */
  readonly events: AsyncIterable<StoredEvent>;
  /** Called when all is written and proven, just before it becomes visible; what it throws undoes everything. */
  readonly beforeCommit?: () => Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const BATCH_EVENTS = 500;
const BATCH_BYTES = 4 * 1024 * 1024;

const INSERT = `
insert into annals_log.events (position, recorded_at, revision, category, version, id, stream, type, data, metadata)
select * from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::smallint[], $5::smallint[], $6::uuid[], $7::uuid[], $8::text[], $9::bytea[], $10::bytea[])`;

const GAPS = `
select stream from annals_log.events group by stream, category
having min(revision) <> 0 or count(*) <> max(revision) + 1 limit 1`;

/**
 * Puts a backup's events into a log that holds none, which then has the id of the log that the backup was taken of.
 * One transaction: whoever interrupts it leaves the log as empty as it was.
 *
 * Proven before it commits: positions 1..N up to the head's event, revisions of every stream 0..n, ids unique,
 * time never falling.
 *
 * @throws RestoreRefused where the log is not empty or the events are not those of the head; UnreadableLog
 */
export async function restorePostgresLog({ ownerUrl, head, events, beforeCommit }: LogRestore): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'annals log restore', connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A connection lost between two statements is reported by the next statement.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin');
    // The lock of appends: nobody else begins the log meanwhile.
    await client.query('select pg_advisory_xact_lock(1634627169, 1)');
    await takeIdentity(client, head.logId);
    await new Restoring(client, head).run(events);
    const { rows } = await client.query<{ stream: string }>(GAPS);
    if (rows[0]) throw new RestoreRefused(`the backup lacks events of stream ${rows[0].stream}`);
    await beforeCommit?.();
    await client.query('commit');
  } finally {
    await client.end();
  }
}

/** The id is the one thing of an empty log that is changed, by its owner, under the lock. */
async function takeIdentity(client: pg.Client, logId: string): Promise<void> {
  const before = await readLogId(client);
  const { rowCount } = await client.query('select from annals_log.events limit 1');
  if (rowCount !== 0) throw new RestoreRefused(`log ${before} holds events already: a backup is restored into an empty place only`);
  await client.query('alter table annals_log.log disable trigger append_only');
  await client.query('update annals_log.log set id = $1', [logId]);
  await client.query('alter table annals_log.log enable always trigger append_only');
}

class Restoring {
  readonly #categories = new Map<string, number>();
  #batch: StoredEvent[] = [];
  #bytes = 0;
  #last: { position: number; recordedAt: number; id: string | null } = { position: 0, recordedAt: 0, id: null };

  constructor(
    private readonly client: pg.Client,
    private readonly head: Place,
  ) {}

  async run(events: AsyncIterable<StoredEvent>): Promise<void> {
    const { rows } = await this.client.query<{ id: number; name: string }>('select id, name from annals_log.categories');
    for (const { id, name } of rows) this.#categories.set(name, id);
    for await (const event of events) await this.#add(event);
    await this.#write();
    const { position, id } = this.#last;
    if (position !== this.head.position || id !== this.head.eventId) {
      throw new RestoreRefused(`the backup ends at position ${position} and not with the event at ${this.head.position} that it names`);
    }
  }

  async #add(event: StoredEvent): Promise<void> {
    if (event.position !== this.#last.position + 1) throw new RestoreRefused(`the backup has position ${event.position} after ${this.#last.position}`);
    if (event.recordedAt < this.#last.recordedAt) throw new RestoreRefused(`in the backup time falls at position ${event.position}`);
    this.#last = { position: event.position, recordedAt: event.recordedAt, id: event.id };
    this.#batch.push(event);
    this.#bytes += event.data.length + event.metadata.length;
    if (this.#batch.length >= BATCH_EVENTS || this.#bytes >= BATCH_BYTES) await this.#write();
  }

  async #write(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    const streams = batch.map(({ stream }) => parseStream(stream));
    for (const { category } of streams) await this.#register(category);
    const values = [
      batch.map(({ position }) => position),
      batch.map(({ recordedAt }) => recordedAt),
      batch.map(({ revision }) => revision),
      streams.map(({ category }) => this.#categories.get(category)),
      batch.map(({ version }) => version),
      batch.map(({ id }) => id),
      streams.map(({ uuid }) => uuid),
      batch.map(({ type }) => type),
      byteaArray(batch.map(({ data }) => data)),
      byteaArray(batch.map(({ metadata }) => metadata)),
    ];
    try {
      await this.client.query({ name: 'restore', text: INSERT, values });
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== '23505') throw error;
      throw new RestoreRefused(`the backup holds an event twice between positions ${batch[0]?.position} and ${this.#last.position}`, { cause: error });
    }
    this.#batch = [];
    this.#bytes = 0;
  }

  async #register(name: string): Promise<void> {
    if (this.#categories.has(name)) return;
    const { rows } = await this.client.query<{ id: number }>('select annals_log.register_category($1) as id', [name]);
    if (rows[0]) this.#categories.set(name, rows[0].id);
  }
}
