import pg from 'pg';
import { StoreUnavailable, UnreadableLog } from '../errors.js';

/** How to reach the log and how long to try. */
export interface PostgresStoreOptions {
  /** Connection of the application's role to the log's database. */
  readonly connectionString: string;
  /** How long an append or a read is tried again while the database cannot be reached; 10,000 ms by default. */
  readonly retryForMs?: number;
  /** Connections for reading; 4 by default. */
  readonly readConnections?: number;
  /** Told of every failure that is then tried again. */
  readonly onTrouble?: (error: Error) => void;
  /** Told how many appends were sent together, for each group. */
  readonly onGroup?: (appends: number) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;
// Above the server's own time-out for a statement: this one is for a server that no longer answers at all.
const ANSWER_TIMEOUT_MS = 40_000;

/**
 * Settings of every connection. Plans are made once and never by scanning: a plan made while the table was
 * small would otherwise be kept when it is large.
 */
const SETTINGS =
  '-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s ' +
  '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off';

/** What pg needs to connect for one purpose. */
export function clientConfig(connectionString: string, purpose: string, more = ''): pg.ClientConfig {
  return {
    connectionString,
    application_name: `annals log ${purpose}`,
    options: `${SETTINGS} ${more}`.trim(),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  };
}

// Connection, log-in and database not there yet; rolled back for another's sake; resources; waited too long;
// shut down; the system itself; a standby.
const TRANSIENT = /^(08|28|3D|40|53|55P03|57|58|25006)/;

/** Whether trying again may help: the connection was lost, or the server said that it cannot now. */
export function isTransient(error: unknown): boolean {
  if (error instanceof UnreadableLog || error instanceof StoreUnavailable) return false;
  return !(error instanceof pg.DatabaseError) || TRANSIENT.test(error.code ?? '');
}

/** Whether an append failed since the log holds one of its event ids already. */
export function isKnownId(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505' && error.constraint === 'events_id';
}

/** What the callers are told when trying again has not helped. */
export function unavailable(error: unknown): StoreUnavailable {
  const why = error instanceof Error ? error.message : String(error);
  return new StoreUnavailable(`the log's database does not answer: ${why}`, { cause: error });
}
