import type { ReadModelStatus } from '@annals/contracts';
import type pg from 'pg';

import { isNotBuilt } from './database.js';
import { ReadModelUnavailable } from './errors.js';
import type { Feed } from './feed.js';
import { generationIn, schemasOf } from './generations.js';
import type { Runner } from './runner.js';

const SIZE = `select coalesce(sum(pg_total_relation_size(c.oid)), 0)::text as bytes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relkind = 'r'`;

/** Where a read model stands, and its build where there is one. @throws ReadModelUnavailable */
export async function statusOf({ model, pool, live: feed, build }: Pick<Runner, 'model' | 'pool' | 'live' | 'build'>, head: number): Promise<ReadModelStatus[]> {
  const { live, building } = schemasOf(model);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const rows = [await rowOf(pool, live, { state: 'live', feed }), await rowOf(pool, building, { state: 'building', feed: build })];
      return rows.filter((row) => row !== undefined).map((row) => ({ ...row, name: model.name, lag: Math.max(0, head - row.position) }));
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

async function rowOf(pool: pg.Pool, schema: string, { state, feed }: { readonly state: 'live' | 'building'; readonly feed: Feed | undefined }): Promise<Omit<ReadModelStatus, 'name' | 'lag'> | undefined> {
  const generation = await generationIn(pool, schema);
  if (generation === undefined) return undefined;
  const size = await pool.query<{ bytes: string }>(SIZE, [schema]);
  const parked = await pool.query<{ n: number }>(`select count(*)::int as n from ${quoteIdentifier(schema)}.parked`);
  return {
    generation: generation.name,
    state,
    position: generation.position,
    parked: parked.rows[0]?.n ?? 0,
    sizeBytes: Number(size.rows[0]?.bytes ?? 0),
    trouble: troubleOf(feed),
  };
}
