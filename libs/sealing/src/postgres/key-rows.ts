import { isDeepStrictEqual } from 'node:util';

import pg from 'pg';

/** A holder's key as it is kept: wrapped, or null with the time at which it was destroyed. */
export interface KeptKey {
  readonly id: string;
  readonly holder: string;
  /** Base64. */
  readonly wrapped: string | null;
  /** Names the master key that wrapped it. */
  readonly masterKey: string;
  readonly createdAt: string;
  readonly destroyedAt: string | null;
}

/** What ties the keys to a log, as it is kept. */
export interface KeptBinding {
  readonly logId: string;
  readonly deploymentKeyId: string;
  readonly masterKeyId: string;
}

/** Keys that cannot be put into this key store: what was found, in a sentence. */
export class KeysRefused extends Error {
  override readonly name = 'KeysRefused';
}

const CONNECT_TIMEOUT_MS = 10_000;
const PAGE = 1_000;

const READ = `
select id, holder, encode(wrapped, 'base64') as wrapped, master_key as "masterKey", created_at::text as "createdAt",
  destroyed_at::text as "destroyedAt"
from keys.sealing_key where id > $1 order by id limit ${PAGE}`;

const WRITE = `
insert into keys.sealing_key (id, holder, wrapped, master_key, created_at, destroyed_at)
select k.id, k.holder, decode(k.wrapped, 'base64'), k."masterKey", k."createdAt", k."destroyedAt"
from jsonb_to_recordset($1::jsonb) k
  (id uuid, holder text, wrapped text, "masterKey" text, "createdAt" timestamptz, "destroyedAt" timestamptz)`;

const SAME = `
select count(*)::int as same from jsonb_to_recordset($1::jsonb) k
  (id uuid, holder text, wrapped text, "masterKey" text, "createdAt" timestamptz, "destroyedAt" timestamptz)
join keys.sealing_key s using (id)
where (s.holder, s.master_key, s.created_at) = (k.holder, k."masterKey", k."createdAt")
  and (s.wrapped, s.destroyed_at) is not distinct from (decode(k.wrapped, 'base64'), k."destroyedAt")`;

const BINDING = 'select log_id as "logId", deployment_key as "deploymentKeyId", master_key as "masterKeyId" from keys.deployment';
const UNDEFINED_TABLE = '42P01';

async function connected<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString, application_name: 'annals keys backup', connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A connection lost between two statements is reported by the next statement.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Reads every key, a page at a time, and the binding. A key that is there when this begins is among them; of those
 * made meanwhile some may be. So whoever reads the log's head first has every key that an event up to it needs.
 *
 * @param connectionString - of a role that may read keys
 * @throws KeysRefused where the keys have never been used with a log
 */
export function readKeptKeys(connectionString: string, take: (page: readonly KeptKey[]) => Promise<void>): Promise<KeptBinding> {
  return connected(connectionString, async (client) => {
    const binding = await bindingIn(client);
    if (!binding) throw new KeysRefused('the key store has never been used with a log: there is nothing to keep');
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const page = (await client.query<KeptKey>({ name: 'keys-page', text: READ, values: [after] })).rows;
      if (page.length > 0) await take(page);
      if (page.length < PAGE) return binding;
      after = page.at(-1)?.id ?? after;
    }
  });
}

/**
 * Puts keys into a key store that holds none, and ties it to their log. One transaction: whoever interrupts it
 * leaves the key store as empty as it was. A key store that holds exactly these keys, of this log, is left as it is:
 * a restore that was interrupted after it is run again.
 *
 * @param ownerUrl - connection of the role that owns the keys' schema
 * @throws KeysRefused where there are other keys already
 */
export function restoreKeptKeys(ownerUrl: string, { logId, deploymentKeyId, masterKeyId }: KeptBinding, pages: AsyncIterable<readonly KeptKey[]>): Promise<void> {
  return connected(ownerUrl, async (client) => {
    await client.query('begin');
    const binding = await bindingIn(client);
    await client.query('lock table keys.sealing_key, keys.deployment');
    const { rows } = await client.query<{ count: number }>('select count(*)::int as count from keys.sealing_key');
    const count = rows[0]?.count ?? 0;
    if (count > 0) {
      const isOfLog = isDeepStrictEqual(binding, { logId, deploymentKeyId, masterKeyId });
      if (!isOfLog || !(await holdsExactly(client, count, pages))) throw new KeysRefused('the key store holds other keys already: a backup is restored into an empty place only');
      return;
    }
    for await (const page of pages) await client.query({ name: 'keys-restore', text: WRITE, values: [JSON.stringify(page)] });
    // The binding of a start on the empty place, which no event was written under.
    await client.query('delete from keys.deployment');
    await client.query('insert into keys.deployment (log_id, deployment_key, master_key) values ($1, $2, $3)', [logId, deploymentKeyId, masterKeyId]);
    await client.query('commit');
  });
}

async function holdsExactly(client: pg.Client, count: number, pages: AsyncIterable<readonly KeptKey[]>): Promise<boolean> {
  let [same, wanted] = [0, 0];
  for await (const page of pages) {
    const { rows } = await client.query<{ same: number }>({ name: 'keys-same', text: SAME, values: [JSON.stringify(page)] });
    same += rows[0]?.same ?? 0;
    wanted += page.length;
  }
  return same === wanted && wanted === count;
}

async function bindingIn(client: pg.Client): Promise<KeptBinding | undefined> {
  try {
    return (await client.query<KeptBinding>(BINDING)).rows[0];
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== UNDEFINED_TABLE) throw error;
    throw new KeysRefused('the database holds no key store yet: it is created by its owner, at first start', { cause: error });
  }
}
