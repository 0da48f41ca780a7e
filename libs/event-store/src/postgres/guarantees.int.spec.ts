import { postgresForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newEvent, newEvents, newStream } from '../contract-suite/samples.js';
import type { EventStore } from '../event-store.js';
import { migratePostgresLog } from './migrate.js';
import { openPostgresStore } from './store.js';

const postgres = postgresForTests();
const urls = new Map<string, string>();
let role = '';
let store: EventStore;

beforeAll(async () => {
  const { name, ownerUrl, appUrl, appRole } = await postgres.freshDatabase();
  role = appRole;
  urls.set('owner', ownerUrl).set('app', appUrl).set('superuser', postgres.server().url(name));
  await migratePostgresLog({ ownerUrl, appRole });
  store = await openPostgresStore({ connectionString: appUrl });
  await store.append(newStream(), 'NoStream', newEvents(3));
});
afterAll(async () => store.close());

async function run(who: string, ...statements: string[]): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: urls.get(who) });
  await client.connect();
  try {
    let result: pg.QueryResult | undefined;
    for (const statement of statements) result = await client.query(statement);
    if (!result) throw new Error('nothing to run');
    return result;
  } finally {
    await client.end();
  }
}

const changes = ['events', 'log', 'categories'].flatMap((table) => [
  `update annals_log.${table} set id = id`,
  `delete from annals_log.${table}`,
  `delete from annals_log.${table} where false`,
  `truncate annals_log.${table}`,
]);

describe('the database itself', () => {
  it.each(changes)('refuses the application: %s', async (change) => {
    await expect(run('app', change)).rejects.toMatchObject({ code: '42501' });
  });

  it.each(changes)('refuses the owner: %s', async (change) => {
    await expect(run('owner', change)).rejects.toThrow('the log is append-only');
  });

  it('refuses a superuser that plays a replica', async () => {
    for (const change of changes) {
      await expect(run('superuser', 'set session_replication_role = replica', change)).rejects.toThrow('the log is append-only');
    }
  });

  it.each([
    'insert into annals_log.events select position + 100, recorded_at, revision + 100, category, version, gen_random_uuid(), stream, type, data, metadata from annals_log.events limit 1',
    `insert into annals_log.categories values (99, 'forged')`,
    'drop table annals_log.events',
    'alter table annals_log.events disable trigger all',
    'create table annals_log.more (id int)',
    `select * from annals_log.append_each(1, 1, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')`,
  ])('lets the application append and read, and not: %s', async (statement) => {
    await expect(run('app', statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('lets a role that only reads read, and not append', async () => {
    const { name, ownerUrl, appRole } = await postgres.freshDatabase();
    await postgres.server().ensureRole('readonly');
    await postgres.server().ensureDatabase(name, { owner: 'owner', users: ['readonly'] });
    await migratePostgresLog({ ownerUrl, appRole, readRole: 'readonly' });
    const reader = await openPostgresStore({ connectionString: postgres.server().url(name, 'readonly') });
    await expect(reader.readAll({ after: 0 })).resolves.toMatchObject({ events: [], next: 0 });
    await expect(reader.append(newStream(), 'Any', newEvents(1))).rejects.toMatchObject({ code: '42501' });
    await reader.close();
  });

  it('bounds how long the application may wait, where the owner may alter its role', async () => {
    await migratePostgresLog({ ownerUrl: urls.get('superuser') ?? '', appRole: role });
    const shown = async (name: string) => (await run('app', `show ${name}`)).rows[0];
    expect(await shown('statement_timeout')).toEqual({ statement_timeout: '30s' });
    expect(await shown('lock_timeout')).toEqual({ lock_timeout: '10s' });
    expect(await shown('idle_in_transaction_session_timeout')).toEqual({ idle_in_transaction_session_timeout: '30s' });
  });
});

describe('an append', () => {
  it('is durable though the session asked for less', async () => {
    const append = `select * from annals_log.append('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', false)`;
    const set = await run('app', 'set synchronous_commit = off', 'begin', append, 'show synchronous_commit');
    expect(set.rows[0]).toEqual({ synchronous_commit: 'on' });
  });

  it('is recorded no earlier than the one before it, though the clock fell', async () => {
    const future = Date.now() + 3_600_000;
    await run(
      'owner',
      `insert into annals_log.events
       select position + 1, ${future}, 0, category, version, gen_random_uuid(), gen_random_uuid(), type, data, metadata
       from annals_log.events order by position desc limit 1`,
    );
    const appended = await store.append(newStream(), 'NoStream', newEvents(1));
    expect(appended.recordedAt).toBe(future);
  });

  it('that PostgreSQL itself refuses harms no other of its group', async () => {
    await run(
      'owner',
      `create function annals_log.spoil() returns trigger language plpgsql as $$
       begin if new.type = 'Spoiled' then raise exception 'spoiled' using errcode = '22000'; end if; return new; end $$`,
      'create trigger spoil before insert on annals_log.events for each row execute function annals_log.spoil()',
    );
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, turn) =>
        store.append(newStream(), 'NoStream', [newEvent({ type: turn === 17 || turn === 30 ? 'Spoiled' : 'Sound' })]),
      ),
    );
    expect(outcomes.flatMap((outcome, turn) => (outcome.status === 'rejected' ? [turn] : []))).toEqual([17, 30]);
    const page = await store.readAll({ after: 0 });
    expect(page.events.map((event) => event.position)).toEqual(page.events.map((_, index) => index + 1));
  });
});

describe('making the log', () => {
  it('may be repeated and raced, and keeps its id', async () => {
    const { ownerUrl, appRole } = await postgres.freshDatabase();
    const ids = await Promise.all(Array.from({ length: 4 }, () => migratePostgresLog({ ownerUrl, appRole })));
    expect(new Set(ids).size).toBe(1);
    expect(await migratePostgresLog({ ownerUrl: urls.get('owner') ?? '', appRole: role })).toBe(store.logId);
  });

  it('refuses a log of another format, as opening it does', async () => {
    const { name, ownerUrl, appUrl, appRole } = await postgres.freshDatabase();
    await migratePostgresLog({ ownerUrl, appRole });
    urls.set('other', postgres.server().url(name));
    await run('other', 'alter table annals_log.log disable trigger all', 'update annals_log.log set format = 2');
    const refusal = { name: 'UnreadableLog', message: expect.stringContaining('format 2') };
    await expect(openPostgresStore({ connectionString: appUrl })).rejects.toMatchObject(refusal);
    await expect(migratePostgresLog({ ownerUrl, appRole })).rejects.toMatchObject(refusal);
  });

  it('comes before opening it', async () => {
    const { appUrl } = await postgres.freshDatabase();
    await expect(openPostgresStore({ connectionString: appUrl })).rejects.toMatchObject({ name: 'UnreadableLog' });
  });
});
