import pg from 'pg';

import { ReadModelUnavailable } from './errors.js';
import type { Transaction } from './read-model.js';

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 60_000;
const READ_TIMEOUT_MS = 10_000;
const POOL_SIZE = 4;

/**
 * Settings of a subscription's connection. Every statement goes by key, so the plans that scan are off: a
 * plan made while a table was empty must not be kept until it holds millions. Commits need not wait for
 * the disk: place and rows are lost together, and read again from the log.
 */
const FEED_SETTINGS = [
  'synchronous_commit=off',
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'jit=off',
  'lock_timeout=10s',
];

const options = (settings: readonly string[]): string => settings.map((setting) => `-c ${setting}`).join(' ');

/** A connection that writes one generation; `search_path` is its schema. An 'error' is met by the next query. */
export async function connectFeed(connectionString: string, schema: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    options: options([...FEED_SETTINGS, `search_path=${schema}`]),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
    keepAlive: true,
    pipeline: true,
    application_name: `annals ${schema}`,
  });
  // An idle connection that breaks would end the process; whoever uses it next learns of it.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A pool for readers of one read model. It outlives the swap of generations, since it names the schema. */
export function readerPool(connectionString: string, schema: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    options: options([`search_path=${schema}`, 'jit=off']),
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: READ_TIMEOUT_MS,
    query_timeout: READ_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: `annals ${schema} reader`,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Statements on a connection that is in a transaction. */
export function transactionOn(client: pg.Client, careful: boolean): Transaction {
  return {
    careful,
    query: async <Row extends object>(name: string, text: string, values: readonly unknown[]) => {
      const { rows } = await client.query<Row>({ name, text, values: [...values] });
      return rows;
    },
  };
}

/** Ends a connection without waiting for a server that may be gone. */
export async function disconnect(client: pg.Client): Promise<void> {
  const timer = new Promise<void>((resolve) => {
    setTimeout(resolve, 1_000).unref();
  });
  await Promise.race([client.end().catch(() => undefined), timer]);
}

/** Undefined table, schema or column: the generation that is live was made by other code, or is not made yet. */
const NOT_BUILT = new Set(['42P01', '3F000', '42703']);

/** Whether the tables of a generation are not there, not yet or no more. */
export const isNotBuilt = (error: unknown): boolean => error instanceof pg.DatabaseError && NOT_BUILT.has(error.code ?? '');

/** What a reader is told: a read model that is away or not built is unavailable; another error is ours. */
export function readerError(error: unknown): unknown {
  if (isNotBuilt(error)) return new ReadModelUnavailable('the read model is being built');
  const away = !(error instanceof pg.DatabaseError) || /^(08|53|57|58)/.test(error.code ?? '');
  return away ? new ReadModelUnavailable('the read models cannot be reached', { cause: error }) : error;
}
