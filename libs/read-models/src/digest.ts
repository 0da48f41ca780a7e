import { createHash } from 'node:crypto';

import pg from 'pg';
import { getMetadataArgsStorage } from 'typeorm';

import { PLACE_TABLES, tablesOf, type ReadModel } from './read-model.js';

const quoteIdentifier = pg.escapeIdentifier;
const TIMEOUT_MS = 600_000;

/**
 * A digest of all that a generation holds, but for its place and what is parked: equal for two generations
 * exactly when their tables hold the same rows, whatever the order in which they were written.
 *
 * Each table counts with its number of rows and the sum of their 64-bit hashes: a sum, since an exclusive
 * or would not see a row that is there twice. All tables are read in one snapshot.
 *
 * @param schema - of the generation
 */
export async function digestOf(connectionString: string, model: ReadModel, schema: string): Promise<string> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000, statement_timeout: TIMEOUT_MS });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const hash = createHash('sha256');
    for (const table of tableNames(model)) {
      const { rows } = await client.query<{ rows: string; sum: string }>(
        `select count(*)::text as rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text as sum
         from ${quoteIdentifier(schema)}.${quoteIdentifier(table)} t`,
      );
      hash.update(`${table} ${rows[0]?.rows} ${rows[0]?.sum}\n`);
    }
    return hash.digest('hex');
  } finally {
    await client.end();
  }
}

function tableNames(model: ReadModel): string[] {
  const { tables } = getMetadataArgsStorage();
  return tablesOf(model)
    .filter((entity) => !PLACE_TABLES.includes(entity))
    .map((entity) => tables.find(({ target }) => target === entity)?.name ?? entity.name)
    .sort();
}
