import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

/** The right to be the only one who does something. */
export interface Lease {
  /** Aborted when it is held no longer: whoever works under it stops. */
  readonly lost: AbortSignal;
  /** Gives it to the next. */
  release(): Promise<void>;
}

const ASK_AGAIN_MS = 500;
const PROVE_EVERY_MS = 2_000;
const ANSWER_WITHIN_MS = 5_000;

const TAKE = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as held';

/**
 * Waits for a lease: an advisory lock that PostgreSQL takes back when the connection ends, so that the next holder
 * needs no clock. The connection is asked again and again, since one that is cut in silence ends on one side only.
 *
 * @param name - what is leased; one holder in the whole database at a time
 * @param signal - gives up waiting
 * @returns undefined where the wait was given up
 * @throws what the database says, where it cannot be asked
 */
export async function takeLease(connectionString: string, name: string, signal: AbortSignal): Promise<Lease | undefined> {
  const client = new pg.Client({ connectionString, application_name: 'annals lease', query_timeout: ANSWER_WITHIN_MS, connectionTimeoutMillis: ANSWER_WITHIN_MS, keepAlive: true });
  const lost = new AbortController();
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  const end = async (): Promise<void> => {
    lost.abort();
    // A connection that is broken has ended.
    await client.end().catch(() => undefined);
  };
  try {
    await client.connect();
    while (!signal.aborted) {
      const { rows } = await client.query<{ held: boolean }>(TAKE, [`annals ${name}`]);
      if (rows[0]?.held === true) return { lost: lost.signal, release: proving(client, lost, end) };
      await sleep(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  } catch (error) {
    await end();
    throw error;
  }
  await end();
  return undefined;
}

/** Asks the connection again and again, and returns what ends that. */
function proving(client: pg.Client, lost: AbortController, end: () => Promise<void>): () => Promise<void> {
  const timer = setInterval(() => {
    client.query('select 1').catch(() => lost.abort());
  }, PROVE_EVERY_MS);
  lost.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  return end;
}
