import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

import { KeyStoreUnavailable } from '../key-store.js';

const CONNECT_TIMEOUT_MS = 5_000;
// Above the server's own time-out for a statement: this one is for a server that no longer answers at all.
const ANSWER_TIMEOUT_MS = 20_000;
const FIRST_DELAY_MS = 20;
const LAST_DELAY_MS = 1_000;

/** A key must outlive a crash that the event sealed with it outlives, whatever the server's own settings are. */
const SETTINGS =
  '-c synchronous_commit=on -c statement_timeout=15s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s';

/** A pool for the key store's few short statements. */
export function keyPool(connectionString: string, connections: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    application_name: 'annals keys',
    options: SETTINGS,
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  });
  // A connection lost while idle is replaced at the next statement; without listeners it would end the process.
  const ignored = (): void => undefined;
  pool.on('error', ignored);
  pool.on('connect', (client) => client.on('error', ignored));
  return pool;
}

// Rolled back for another's sake, resources, a lock not had in time, shut down, the system itself, lost connections.
const TRANSIENT = /^(?:40|53|55P03|57|58|08)/;

/**
 * Tries what may be repeated until it succeeds, fails for good, or time is up.
 *
 * @throws KeyStoreUnavailable when time is up
 */
export async function persist<T>(attempt: () => Promise<T>, forMs: number): Promise<T> {
  const deadline = performance.now() + forMs;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LAST_DELAY_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof pg.DatabaseError && !TRANSIENT.test(error.code ?? '')) throw error;
      if (performance.now() + delayMs > deadline) throw unavailable(error);
      await sleep(delayMs);
    }
  }
}

function unavailable(cause: unknown): KeyStoreUnavailable {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new KeyStoreUnavailable(`the key store's database does not answer: ${why}`, { cause });
}
