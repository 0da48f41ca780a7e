import type { ReadModelStatus } from '@annals/contracts';
import type { EventTopics, TopicEnds } from '@annals/messaging';
import type pg from 'pg';

import { isNotBuilt } from './database.js';
import { ReadModelUnavailable } from './errors.js';
import type { Feed } from './feed.js';
import { generationIn, schemasOf } from './generations.js';
import { categoriesOf } from './read-model.js';
import type { Runner } from './runner.js';

const SIZE = `select coalesce(sum(pg_total_relation_size(c.oid)), 0)::text as bytes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relkind = 'r'`;

/** What a status is told against. */
export interface StatusOptions {
  /** Position of the log's last event. */
  readonly head: number;
  /** Where live generations have their events from, where that is Kafka. */
  readonly topics: EventTopics | undefined;
  /** How far those topics go; undefined where the broker does not say. */
  readonly ends: readonly TopicEnds[] | undefined;
}

/** Where a read model stands, and its build where there is one. @throws ReadModelUnavailable */
export async function statusOf({ model, pool, live: feed, build }: Pick<Runner, 'model' | 'pool' | 'live' | 'build'>, options: StatusOptions): Promise<ReadModelStatus[]> {
  const { live, building } = schemasOf(model);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [liveRow, buildRow] = [await rowOf(pool, live, { state: 'live', feed }), await rowOf(pool, building, { state: 'building', feed: build })];
      const topics = liveRow === undefined ? [] : await topicsOf({ model, pool }, options);
      const rows = [liveRow && { ...liveRow, topics }, buildRow && { ...buildRow, topics: [] }];
      return rows.filter((row) => row !== undefined).map((row) => ({ ...row, name: model.name, lag: Math.max(0, options.head - row.position) }));
    } catch (error) {
      // Between two questions a build began, or was swapped in, and the tables asked about went with it.
      if (isNotBuilt(error) && attempt < MOST_SWAPS) continue;
      throw new ReadModelUnavailable('the read models cannot be reached', { cause: error });
    }
  }
}

/** Swaps that may happen while one status is asked for. */
const MOST_SWAPS = 5;

/** Of a sentence in a status. */
const MOST_CHARACTERS = 1_000;

const troubleOf = (feed: Feed | undefined): string | null => feed?.trouble?.slice(0, MOST_CHARACTERS) ?? null;

const quoteIdentifier = (name: string): string => `"${name}"`;

type Row = Omit<ReadModelStatus, 'name' | 'lag' | 'topics'>;

async function rowOf(pool: pg.Pool, schema: string, { state, feed }: { readonly state: 'live' | 'building'; readonly feed: Feed | undefined }): Promise<Row | undefined> {
  const generation = await generationIn(pool, schema);
  if (generation === undefined) return undefined;
  const size = await pool.query<{ bytes: string }>(SIZE, [schema]);
  return {
    generation: generation.name,
    state,
    position: generation.position,
    parked: await countOf(pool, schema, 'parked'),
    refused: await countOf(pool, schema, 'refused'),
    sizeBytes: Number(size.rows[0]?.bytes ?? 0),
    trouble: troubleOf(feed),
  };
}

/** Rows of a table of the runner, which generations of older code may not have. */
async function countOf(pool: pg.Pool, schema: string, table: 'parked' | 'refused' | 'partition_place'): Promise<number> {
  const { rows: found } = await pool.query<{ there: boolean }>('select to_regclass($1) is not null as there', [`${schema}.${table}`]);
  if (found[0]?.there !== true) return 0;
  const { rows } = await pool.query<{ n: number }>(`select count(*)::int as n from ${quoteIdentifier(schema)}.${quoteIdentifier(table)}`);
  return rows[0]?.n ?? 0;
}

/** How many records of each of its topics a read model has not handled. */
async function topicsOf({ model, pool }: Pick<Runner, 'model' | 'pool'>, { topics, ends }: StatusOptions): Promise<ReadModelStatus['topics']> {
  if (topics === undefined) return [];
  const { live } = schemasOf(model);
  const isFed = (await countOf(pool, live, 'partition_place')) > 0;
  const { rows } = isFed ? await pool.query<{ topic: string; handled: string }>(`select topic, sum(coalesce(next_offset, 0))::text as handled from ${quoteIdentifier(live)}.partition_place group by topic`) : { rows: [] };
  const handled = new Map(rows.map((row) => [row.topic, Number(row.handled)]));
  return topics.topicsOf(categoriesOf([model])).map(({ name }) => {
    const end = ends?.find((each) => each.topic === name);
    const records = end && [...end.ends.values()].reduce((sum, each) => sum + each, 0);
    return { name, lag: records === undefined ? null : Math.max(0, records - (handled.get(name) ?? 0)) };
  });
}
