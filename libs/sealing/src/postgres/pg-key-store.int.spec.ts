import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, postgresForTests, type TestDatabase } from '@annals/testing';
import pg from 'pg';

import { KeyStoreUnavailable, WrongKeys, addressHolder, streamHolder, type KeyStore } from '../key-store.js';
import { createMasterKey } from '../master-key.js';
import { migrateKeyStore } from './migrate.js';
import { openKeyStore, type KeyStoreOptions } from './pg-key-store.js';

const masterKey = new Uint8Array(32).fill(1);
const postgres = postgresForTests();
const opened: KeyStore[] = [];
let database: TestDatabase;
let readerUrl = '';

async function open(options: Partial<KeyStoreOptions> = {}): Promise<KeyStore> {
  const store = await openKeyStore({ connectionString: database.appUrl, masterKey, ...options });
  opened.push(store);
  return store;
}

async function query<R extends object>(url: string, text: string, values: unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** As the owner of the keys does it. */
const destroy = (holder: string) =>
  query(database.ownerUrl, 'update keys.sealing_key set wrapped = null, destroyed_at = now() where holder = $1', [holder]);

/** A caller that has made a holder's key and not committed it yet: whoever asks for it has to wait. */
async function slowMaker(holder: string): Promise<{ id: string; finish: () => Promise<void> }> {
  const client = new pg.Client({ connectionString: database.appUrl });
  await client.connect();
  await client.query('begin');
  const id = '01890000-0000-4000-8000-000000000001';
  const row = [id, holder, createMasterKey(masterKey).generate().wrapped, 'm'];
  await client.query('insert into keys.sealing_key (id, holder, wrapped, master_key) values ($1, $2, $3, $4)', row);
  return {
    id,
    finish: async () => {
      await client.query('commit');
      await client.end();
    },
  };
}

/** Statements that wait for another's. */
const stuck = () =>
  query<{ pid: number }>(postgres.server().url(database.name), `select pid from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`, [database.name]);

beforeEach(async () => {
  database = await postgres.freshDatabase();
  await postgres.server().ensureRole('reader');
  await query(database.ownerUrl, `grant connect on database ${pg.escapeIdentifier(database.name)} to reader`);
  readerUrl = postgres.server().url(database.name, 'reader');
  await migrateKeyStore({ ownerUrl: database.ownerUrl, writerRole: database.appRole, readerRole: 'reader' });
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

describe('migrateKeyStore', () => {
  it('may be run again, and by many at once', async () => {
    const { ownerUrl, appRole } = await postgres.freshDatabase();
    const roles = { ownerUrl, writerRole: appRole, readerRole: 'reader' };
    await Promise.all(Array.from({ length: 8 }, () => migrateKeyStore(roles)));
    await migrateKeyStore({ ...roles, readerRole: appRole });
    expect(await query(ownerUrl, `select 1 from pg_tables where schemaname = 'keys'`)).toHaveLength(2);
  });

  it.each([
    ['the writer', 'update', `update keys.sealing_key set wrapped = null`, () => database.appUrl],
    ['the writer', 'delete', `delete from keys.sealing_key`, () => database.appUrl],
    ['the writer', 'truncate', `truncate keys.sealing_key`, () => database.appUrl],
    ['the writer', 'add a tombstone', `insert into keys.sealing_key (id, holder, master_key, destroyed_at) values (gen_random_uuid(), 'x', 'm', now())`, () => database.appUrl],
    ['the writer', 'tie the keys to another log', `update keys.deployment set log_id = gen_random_uuid()`, () => database.appUrl],
    ['the writer', 'make tables', `create table keys.more ()`, () => database.appUrl],
    ['the reader', 'insert', `insert into keys.sealing_key (id, holder, wrapped, master_key) values (gen_random_uuid(), 'x', '\\x00', 'm')`, () => readerUrl],
    ['the reader', 'update', `update keys.sealing_key set wrapped = null`, () => readerUrl],
    ['the reader', 'delete', `delete from keys.sealing_key`, () => readerUrl],
  ])('does not let %s %s', async (_who, _what, sql, url) => {
    await expect(query(url(), sql)).rejects.toThrow(/permission denied/);
  });
});

describe('keys of holders', () => {
  const holders = [streamHolder('customer-1'), addressHolder(Buffer.alloc(32, 1))];

  it('are made once, whoever asks and however often', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => open()));
    const own = Array.from({ length: 50 }, (_, index) => streamHolder(`customer-${index}`));
    const racing = Array.from({ length: 4 }, (_, turn) => stores.map((store) => store.forHolders(turn % 2 ? own : own.toReversed()))).flat();
    const answers = (await Promise.all(racing)).map((found) => own.map((holder) => [found.get(holder)?.id, found.get(holder)?.key?.export()]));
    expect(answers[0]).toHaveLength(50);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await query(database.ownerUrl, 'select id from keys.sealing_key')).toHaveLength(50);
  });

  it('are those of another caller who was just making them', async () => {
    const [holder = ''] = holders;
    const [store, maker] = [await open(), await slowMaker(holder)];
    const asking = store.forHolders(holders);
    await eventually(async () => (await stuck()).length === 1);
    await maker.finish();
    const found = await asking;
    expect(found.get(holder)?.id).toBe(maker.id);
    expect(found.size).toBe(2);
  });

  it('are found by their ids, by the reader too, and absent where nobody knows them', async () => {
    const made = [...(await (await open()).forHolders(holders)).values()];
    const reader = await open({ connectionString: readerUrl, readOnly: true });
    const found = await reader.byIds([...made.map(({ id }) => id), '00000000-0000-4000-8000-000000000000']);
    expect([...found].map(([id, key]) => [id, key.export()])).toEqual(made.map(({ id, key }) => [id, key?.export()]));
    await expect(reader.forHolders(holders)).rejects.toThrow('makes no keys');
  });

  it('lie in the database wrapped', async () => {
    const keys = [...(await (await open()).forHolders(holders)).values()].map(({ key }) => key?.export().toString('hex'));
    const rows = await query<{ wrapped: Buffer }>(database.ownerUrl, 'select wrapped from keys.sealing_key');
    for (const { wrapped } of rows) {
      expect(wrapped).toHaveLength(40);
      for (const key of keys) expect(wrapped.toString('hex')).not.toContain(key);
    }
  });

  it('are asked for by the thousand in few statements', async () => {
    const many = Array.from({ length: 2_500 }, (_, index) => streamHolder(`customer-${index}`));
    const made = await (await open()).forHolders(many);
    expect(new Set([...made.values()].map(({ id }) => id)).size).toBe(2_500);
    expect(await (await open()).byIds([...made.values()].map(({ id }) => id))).toHaveProperty('size', 2_500);
  });
});

describe('a destroyed key', () => {
  const [holder, other] = [streamHolder('customer-1'), streamHolder('customer-2')];

  it('leaves its row, opens nothing and is not made again', async () => {
    const before = await (await open()).forHolders([holder, other]);
    await destroy(holder);
    const store = await open();
    expect(await store.forHolders([holder])).toEqual(new Map([[holder, { id: before.get(holder)?.id, key: undefined }]]));
    const ids = [...before.values()].map(({ id }) => id);
    expect([...(await store.byIds(ids)).keys()]).toEqual([before.get(other)?.id]);
  });

  it('is noticed by a process that has used it, once its cached key is too old', async () => {
    const store = await open({ cacheForMs: 200 });
    const id = (await store.forHolders([holder])).get(holder)?.id ?? '';
    expect((await store.byIds([id])).size).toBe(1);
    await destroy(holder);
    await eventually(async () => expect((await store.byIds([id])).size).toBe(0));
    await eventually(async () => expect((await store.forHolders([holder])).get(holder)).toEqual({ id, key: undefined }));
  });
});

describe('a key store and its log', () => {
  const binding = { logId: '01890000-0000-7000-8000-000000000001', deploymentKeyId: 'd1', logIsEmpty: true };

  it('are tied at the first start, by many at once, and stay so', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => open()));
    await Promise.all(stores.map((store) => store.bind(binding)));
    await (await open({ connectionString: readerUrl, readOnly: true })).bind({ ...binding, logIsEmpty: false });
  });

  it.each([
    ['log', { logId: '01890000-0000-7000-8000-000000000002' }],
    ['deployment key', { deploymentKeyId: 'd2' }],
  ])('are refused with another %s', async (what, change) => {
    const store = await open();
    await store.bind(binding);
    await expect(store.bind({ ...binding, ...change })).rejects.toThrow(WrongKeys);
    await expect(store.bind({ ...binding, ...change })).rejects.toThrow(`another ${what}`);
  });

  it('are refused with another master key, which opens nothing either', async () => {
    const store = await open();
    await store.bind(binding);
    const made = [...(await store.forHolders([streamHolder('customer-1')])).values()];
    const stranger = await open({ masterKey: new Uint8Array(32) });
    await expect(stranger.bind(binding)).rejects.toThrow('another master key');
    await expect(stranger.byIds(made.map(({ id }) => id))).rejects.toThrow(WrongKeys);
  });

  it('are refused where the log holds events and the keys are new', async () => {
    await expect((await open()).bind({ ...binding, logIsEmpty: false })).rejects.toThrow('its keys are missing');
    await (await open({ connectionString: readerUrl, readOnly: true })).bind(binding);
    expect(await query(database.ownerUrl, 'select 1 from keys.deployment')).toEqual([]);
  });
});

describe('a database that goes away', () => {
  it('is asked again where the connection is cut while it is asked', async () => {
    const holder = streamHolder('customer-1');
    const [store, maker] = [await open(), await slowMaker(holder)];
    const asking = store.forHolders([holder]);
    await eventually(async () => (await stuck()).length === 1);
    await query(postgres.server().url(database.name), 'select pg_terminate_backend($1)', [(await stuck())[0]?.pid]);
    await maker.finish();
    expect((await asking).get(holder)?.id).toBe(maker.id);
  });

  it('is reported when time is up', async () => {
    const away = new URL(database.appUrl);
    away.port = '1';
    await expect(open({ connectionString: away.href, retryForMs: 50 })).rejects.toThrow(KeyStoreUnavailable);
  });
});
