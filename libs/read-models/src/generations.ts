import type { EventStore } from '@annals/event-store';
import pg from 'pg';
import { DataSource } from 'typeorm';

import { GenerationGone } from './errors.js';
import { hashOf, tablesOf, type ReadModel } from './read-model.js';
import { withoutReaderIndexes } from './reader-index.js';
import { leaveRoom } from './updated-in-place.js';

/** The schemas of one read model. There is never more than one of each. */
export interface Schemas {
  readonly live: string;
  readonly building: string;
  readonly retired: string;
}

/** What a schema holds. */
export interface Generation {
  /** `<hash>-<n>` */
  readonly name: string;
  readonly hash: string;
  readonly logId: string;
  readonly position: number;
  readonly eventId: string | null;
}

/** The generations of a read model; a schema that was not made completely is none. */
export interface Generations {
  readonly live: Generation | undefined;
  readonly building: Generation | undefined;
  /** True where a schema that was live before is still to be dropped. */
  readonly retired: boolean;
}

/** The names of a read model's schemas. */
export function schemasOf(model: ReadModel): Schemas {
  return { live: model.name, building: `${model.name}_building`, retired: `${model.name}_retired` };
}

interface PlaceValues {
  readonly generation: string;
  readonly log_id: string;
  readonly position: string;
  readonly event_id: string | null;
}

const quoteIdentifier = pg.escapeIdentifier;
/** An index of all rows of a large table takes minutes. */
const INDEXING_TIMEOUT_MS = 3_600_000;

/** The generation in a schema, or undefined where there is none. */
export async function generationIn(client: pg.ClientBase | pg.Pool, schema: string): Promise<Generation | undefined> {
  const table = `${schema}.place`;
  const { rows: found } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [table]);
  if (found[0]?.there !== true) return undefined;
  const { rows } = await client.query<PlaceValues>(
    `select generation, log_id, position, event_id from ${quoteIdentifier(schema)}.place`,
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const hash = row.generation.slice(0, row.generation.lastIndexOf('-'));
  return { name: row.generation, hash, logId: row.log_id, position: Number(row.position), eventId: row.event_id };
}

/** The generations of a read model. */
export async function inspect(client: pg.ClientBase | pg.Pool, model: ReadModel): Promise<Generations> {
  const schemas = schemasOf(model);
  const { rows } = await client.query('select 1 from pg_namespace where nspname = $1', [schemas.retired]);
  const live = await generationIn(client, schemas.live);
  return { live, building: await generationIn(client, schemas.building), retired: rows.length > 0 };
}

/**
 * Makes the schema of a build, or leaves an interrupted one of the same code and log as it is.
 *
 * The row of `place` is written last: a schema without it was not completed, and is made again.
 *
 * @param isAsked - true for a rebuild of what is live already
 */
export async function ensureBuilding(connectionString: string, model: ReadModel, store: EventStore, isAsked = false): Promise<void> {
  await withSchemas(connectionString, model, async (client) => {
    const found = await inspect(client, model);
    if (isNeeded(found, { hash: hashOf(model), logId: store.logId, isAsked })) await makeBuilding(client, connectionString, { model, found, logId: store.logId });
  });
}

/**
 * Makes the indexes of a build that were left out until it had caught up; those that are there stay as they are.
 *
 * @throws GenerationGone where the build is there no more
 */
export async function indexBuilding(connectionString: string, model: ReadModel): Promise<void> {
  await withSchemas(connectionString, model, async (client) => {
    const { building: schema } = schemasOf(model);
    const found = await generationIn(client, schema);
    if (found?.hash !== hashOf(model)) throw new GenerationGone(`there is no ${schema}`);
    await makeTables(connectionString, model, { schema, areIndexed: true });
  });
}

/** Makes or changes schemas of a read model, which one process does at a time; the lock ends with the connection. */
async function withSchemas(connectionString: string, model: ReadModel, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000, lock_timeout: 30_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [`annals schemas ${model.name}`]);
    await work(client);
  } finally {
    await client.end();
  }
}

function isNeeded({ live, building }: Generations, wanted: { hash: string; logId: string; isAsked: boolean }): boolean {
  const isUnderWay = building?.hash === wanted.hash && building.logId === wanted.logId;
  // Another process may have built it since this one looked.
  return !isUnderWay && (wanted.isAsked || live?.hash !== wanted.hash);
}

async function makeBuilding(
  client: pg.Client,
  connectionString: string,
  { model, found, logId }: { model: ReadModel; found: Generations; logId: string },
): Promise<void> {
  const { building: schema } = schemasOf(model);
  await client.query(`drop schema if exists ${quoteIdentifier(schema)} cascade`);
  await client.query(`create schema ${quoteIdentifier(schema)}`);
  await makeTables(connectionString, model, { schema, areIndexed: false });
  const n = Number(found.live?.name.split('-').at(-1) ?? 0) + 1;
  await client.query(
    `insert into ${quoteIdentifier(schema)}.place (id, generation, log_id, position) values (1, $1, $2, 0)`,
    [`${hashOf(model)}-${n}`, logId],
  );
}

/** Makes what is not there yet of a generation's tables and, where they are to be indexed, of their readers' indexes. */
async function makeTables(connectionString: string, model: ReadModel, { schema, areIndexed }: { schema: string; areIndexed: boolean }): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url: connectionString,
    schema,
    entities: tablesOf(model),
    installExtensions: false,
    logging: false,
    extra: { statement_timeout: INDEXING_TIMEOUT_MS },
  });
  await source.initialize();
  try {
    if (!areIndexed) withoutReaderIndexes(source);
    await source.synchronize();
    if (!areIndexed) await leaveRoom(source, schema);
  } finally {
    await source.destroy();
  }
}

/**
 * Makes the build live, in one short transaction, if it has come as far as what is live; on the build's
 * own connection, whose `search_path` follows.
 *
 * The old generation's place is renamed under its lock, so that a subscription that waits for it loses.
 *
 * @param orAhead - swaps also where the live one is ahead, since it is of another log
 * @returns false where the build is still behind
 */
export async function swap(client: pg.Client, model: ReadModel, { position, orAhead }: { position: number; orAhead: boolean }): Promise<boolean> {
  const { live, building, retired } = schemasOf(model);
  await client.query('begin');
  try {
    await client.query(`set local lock_timeout = '2s'`);
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`annals schemas ${model.name}`]);
    const current = await generationIn(client, live);
    if (current !== undefined) {
      const furthest = await retire(client, live);
      if (!orAhead && furthest > position) {
        await client.query('rollback');
        return false;
      }
      if (!orAhead) await handOver(client, { live, building });
      await client.query(`drop schema if exists ${quoteIdentifier(retired)} cascade`);
    }
    await retireSchema(client, live, retired);
    await client.query(`alter schema ${quoteIdentifier(building)} rename to ${quoteIdentifier(live)}`);
    await client.query('commit');
    return true;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/**
 * Takes the places of a generation from whoever feeds it.
 *
 * @returns the position of the furthest: a partition may be ahead of that up to which everything is applied
 */
async function retire(client: pg.Client, schema: string): Promise<number> {
  const places = await client.query<{ position: string }>(`update ${quoteIdentifier(schema)}.place set generation = 'retired' returning position`);
  if (!(await hasPartitions(client, schema))) return Number(places.rows[0]?.position ?? 0);
  const partitions = await client.query<{ position: string }>(`update ${quoteIdentifier(schema)}.partition_place set generation = 'retired' returning position`);
  return Math.max(0, ...[...places.rows, ...partitions.rows].map(({ position }) => Number(position)));
}

/** Generations of older code know no partitions. */
async function hasPartitions(client: pg.Client, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [`${schema}.partition_place`]);
  return rows[0]?.there === true;
}

/** What is live was fed from Kafka up to these offsets; the build, which is no less far, goes on there and drops what it has. */
async function handOver(client: pg.Client, { live, building }: Pick<Schemas, 'live' | 'building'>): Promise<void> {
  if (!(await hasPartitions(client, live))) return;
  await client.query(`insert into ${quoteIdentifier(building)}.partition_place (topic, partition, generation, next_offset, position, event_id, turn)
    select l.topic, l.partition, b.generation, l.next_offset, b.position, b.event_id, 0
    from ${quoteIdentifier(live)}.partition_place l cross join ${quoteIdentifier(building)}.place b`);
}

/** Something of that name may be there without being a generation: half made, or somebody's own. */
async function retireSchema(client: pg.Client, live: string, retired: string): Promise<void> {
  const { rows } = await client.query('select 1 from pg_namespace where nspname = $1', [live]);
  if (rows.length > 0) await client.query(`alter schema ${quoteIdentifier(live)} rename to ${quoteIdentifier(retired)}`);
}

/** Drops what was live before the last swap. Readers that still hold its tables are waited for, not broken. */
export async function dropRetired(client: pg.ClientBase | pg.Pool, model: ReadModel): Promise<void> {
  await client.query(`drop schema if exists ${quoteIdentifier(schemasOf(model).retired)} cascade`);
}
