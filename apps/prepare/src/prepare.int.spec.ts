import { openPostgresStore } from '@annals/event-store';
import { administer } from '@annals/provisioning';
import { freePort, postgresForTests } from '@annals/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';

import { readConfig, type Config } from './config.js';
import { prepare } from './prepare.js';

const postgres = postgresForTests();

/** Connections as an operator would invent them, each deployment's with names of its own. */
function connections(deployment: string, password = 'correct horse'): Config & { LOG_OWNER_URL: string; EVENT_STORE_URL: string; EVENT_STORE_READER_URL: string } {
  const url = (role: string, database: string): string => `postgres://${deployment}_${role}:${encodeURIComponent(password)}@127.0.0.1:${postgres.server().port}/${deployment}_${database}`;
  return {
    ADMIN_URL: postgres.server().url('postgres'),
    LOG_OWNER_URL: url('log_owner', 'log'),
    EVENT_STORE_URL: url('log_app', 'log'),
    EVENT_STORE_READER_URL: url('log_reader', 'log'),
    KEYS_OWNER_URL: url('keys_owner', 'keys'),
    KEY_STORE_URL: url('keys_writer', 'keys'),
    KEY_STORE_READER_URL: url('keys_reader', 'keys'),
    DATABASE_URL: url('views', 'views'),
  };
}

const run = (url: string, sql: string): Promise<unknown> => administer(url, async (client) => (await client.query(sql)).rows);
const silent = (): void => undefined;

describe('a deployment that has been prepared', () => {
  let made: ReturnType<typeof connections>;
  beforeAll(async () => {
    made = connections('one');
    await prepare(made, silent);
  });

  it('has a log that can be appended to, and keeps it when it is prepared again with other passwords', async () => {
    const lines: string[] = [];
    const store = await openPostgresStore({ connectionString: made.EVENT_STORE_URL });
    const { logId } = store;
    await store.close();
    const changed = connections('one', 'battery staple');
    await prepare(changed, (line) => lines.push(line));
    const again = await openPostgresStore({ connectionString: changed.EVENT_STORE_READER_URL });
    expect(again.logId).toBe(logId);
    await again.close();
    await expect(openPostgresStore({ connectionString: made.EVENT_STORE_URL })).rejects.toThrow();
    expect(lines).toEqual(['the log is prepared', 'the keys are prepared', 'the read models are prepared']);
    await prepare(made, silent);
  });

  it.each([
    ['the log be changed by who appends', 'EVENT_STORE_URL', 'delete from annals_log.events'],
    ['tables be made in the log', 'EVENT_STORE_URL', 'create table annals_log.mine (x int)'],
    ['keys be destroyed by who adds them', 'KEY_STORE_URL', 'delete from keys.sealing_key'],
    ['keys be added by who reads them', 'KEY_STORE_READER_URL', `insert into keys.sealing_key (id, holder, wrapped, master_key) values (gen_random_uuid(), 'x', decode(repeat('00', 40), 'hex'), 'm')`],
    ['roles be made by who keeps read models', 'DATABASE_URL', 'create role another'],
  ] as const)('does not let %s', async (_, name, sql) => {
    await expect(run(made[name], sql)).rejects.toThrow(/permission denied/);
  });

  it('lets nobody into a database that is not theirs', async () => {
    const elsewhere = new URL(made.DATABASE_URL);
    elsewhere.pathname = new URL(made.KEY_STORE_URL).pathname;
    await expect(run(elsewhere.href, 'select 1')).rejects.toThrow(/permission denied/);
  });

  it('gives its roles no right beyond their databases', async () => {
    const roles = await run(made.ADMIN_URL, `select rolname from pg_roles where rolname like 'one\\_%' and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)`);
    expect(roles).toEqual([]);
    expect(await run(made.ADMIN_URL, `select count(*)::int as roles from pg_roles where rolname like 'one\\_%'`)).toEqual([{ roles: 7 }]);
  });
});

describe('preparing', () => {
  it('needs no superuser: a role that may make roles and databases is enough', async () => {
    await run(postgres.server().url('postgres'), `create role maker login createrole createdb password 'm'`);
    const config = { ...connections('two'), ADMIN_URL: `postgres://maker:m@127.0.0.1:${postgres.server().port}/postgres` };
    await prepare(config, silent);
    await prepare(config, silent);
    const store = await openPostgresStore({ connectionString: config.EVENT_STORE_URL });
    expect(await store.head()).toMatchObject({ position: 0 });
    await store.close();
  });

  it.each([
    ['that is not named', { LOG_OWNER_URL: undefined, EVENT_STORE_URL: undefined, EVENT_STORE_READER_URL: undefined }],
    ['in EventStoreDB', { EVENT_STORE_URL: 'esdb://db:2113?tls=false', EVENT_STORE_READER_URL: 'esdb://db:2113?tls=false' }],
  ])('leaves out a log %s', async (_, log) => {
    const lines: string[] = [];
    await prepare({ ...connections('three'), ...log }, (line) => lines.push(line));
    expect(lines).toEqual(['the log is not kept in PostgreSQL: nothing to prepare', 'the keys are prepared', 'the read models are prepared']);
    expect(await run(postgres.server().url('postgres'), `select 1 from pg_database where datname = 'three_log'`)).toEqual([]);
  });

  it.each([
    ['an owner whom a service uses', (c: ReturnType<typeof connections>) => ({ ...c, LOG_OWNER_URL: c.EVENT_STORE_URL }), 'four_log_app owns the log and cannot be used by a service too: an owner may change what is written.'],
    ['one role for writing and reading', (c: ReturnType<typeof connections>) => ({ ...c, KEY_STORE_READER_URL: c.KEY_STORE_URL }), 'four_keys_writer cannot both write and only read the keys: name two roles.'],
    ['a reader of another database', (c: ReturnType<typeof connections>) => ({ ...c, EVENT_STORE_READER_URL: c.DATABASE_URL }), 'The connections of the log name different databases.'],
    ['a role without a password', (c: ReturnType<typeof connections>) => ({ ...c, DATABASE_URL: 'postgres://views@db/views' }), 'The connection of the read models must name a role, its password and a database: postgres://role:password@host:port/database.'],
    ['what is no URL', (c: ReturnType<typeof connections>) => ({ ...c, KEYS_OWNER_URL: 'db' }), 'The connection of the owner of the keys is no URL that begins with postgres://.'],
  ])('refuses %s in a sentence', async (_, change, sentence) => {
    await expect(prepare(change(connections('four')), silent)).rejects.toThrow(sentence);
  });

  it('says what PostgreSQL said, without a password', async () => {
    const away = { ...connections('five'), ADMIN_URL: `postgres://postgres:secret@127.0.0.1:${await freePort()}/postgres` };
    await expect(prepare(away, silent)).rejects.toThrow(/^PostgreSQL did not let the log be prepared: (?!.*secret).*ECONNREFUSED/);
  });

  it('takes all settings of the log or none', () => {
    const { LOG_OWNER_URL: _, ...others } = connections('six');
    expect(() => readConfig({ ...others })).toThrow('LOG_OWNER_URL, EVENT_STORE_URL, EVENT_STORE_READER_URL belong together: LOG_OWNER_URL is not set.');
    expect(() => readConfig({})).toThrow('ADMIN_URL is not set.');
  });
});
