import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { openPostgresStore } from '@annals/event-store';
import { eventually, freePort, itWhere, sql, type TestDatabase } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';

import { annals, backup, optionsOf, placesForTests, restore, type Place } from '../fixtures/backup-places.js';

const { source, emptyPlace } = placesForTests();
const inFolder = (name: string): string => join(source().folder, name);
const main = join(import.meta.dirname, '../../dist/main.js');
const isRoot = process.getuid?.() === 0;
const hasOwnMounts = isRoot && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

async function backedUp(name: string): Promise<string> {
  const dir = inFolder(name);
  expect(await backup(dir, source())).toMatchObject({ code: 0 });
  return dir;
}

/** Runs the command in a shell that does something before and after it. */
function inShell(args: readonly string[], before: string, after: string): { readonly status: number | null; readonly stderr: string; readonly stdout: string } {
  return spawnSync('sh', ['-c', `${before}; "$0" "$@" >&2; code=$?; ${after}; exit $code`, process.execPath, main, ...args], { encoding: 'utf8' });
}

/** Holds every commit that adds events to a log back until it is undone. */
async function holdCommits({ ownerUrl }: TestDatabase): Promise<() => Promise<void>> {
  await sql(ownerUrl, 'create table hold (held boolean)');
  await sql(ownerUrl, `create function hold() returns trigger language plpgsql as 'begin perform pg_sleep(600); return null; end'`);
  await sql(ownerUrl, 'create constraint trigger hold after insert on annals_log.events deferrable initially deferred for each row execute function hold()');
  return async () => {
    await sql(ownerUrl, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'annals log restore' and datname = current_database()`);
    await eventually(() => sql(ownerUrl, 'drop function hold() cascade'));
  };
}

/** Lets nobody read keys until it is undone. */
async function holdReads({ ownerUrl }: TestDatabase): Promise<() => Promise<void>> {
  const ofHolder = `query like 'lock table%' and datname = current_database()`;
  const held = sql(ownerUrl, 'lock table keys.sealing_key; select pg_sleep(600)').catch(() => undefined);
  await eventually(async () => expect(await sql(ownerUrl, `select from pg_stat_activity where ${ofHolder} and wait_event = 'PgSleep'`)).toHaveLength(1));
  return async () => {
    await sql(ownerUrl, `select pg_terminate_backend(pid) from pg_stat_activity where ${ofHolder}`);
    await held;
  };
}

describe('a restore that is killed', () => {
  it('between keys and log is run again, and then is whole', async () => {
    const dir = await backedUp('killed');
    const target = await emptyPlace();
    const release = await holdCommits(target.log);
    const killed = spawn(process.execPath, [main, 'restore', dir, ...optionsOf(target, true)], { stdio: 'ignore' });
    await eventually(async () => expect(await keysIn(target)).toBe(1_500), { withinMs: 30_000 });
    await eventually(() => stat(target.masterKeyFile));
    killed.kill('SIGKILL');
    await once(killed, 'close');
    await release();
    expect(await eventsIn(target)).toBe(0);
    expect(await restore(dir, target)).toMatchObject({ code: 0, err: '' });
    expect([await keysIn(target), await eventsIn(target)]).toEqual([1_500, 900]);
  }, 60_000);

  it('does not go on over keys that are not exactly the backup\'s', async () => {
    const dir = await backedUp('others');
    const [whole, target] = [await emptyPlace(), await emptyPlace()];
    expect(await restore(dir, whole)).toMatchObject({ code: 0 });
    const keysThere: Place = { ...whole, log: target.log };
    for (const [spoil, undo] of [
      [`update keys.sealing_key set created_at = created_at + interval '1 s' where holder = 'stream:note-7'`, `update keys.sealing_key set created_at = created_at - interval '1 s' where holder = 'stream:note-7'`],
      [`insert into keys.sealing_key (id, holder, wrapped, master_key) select gen_random_uuid(), 'stream:other', wrapped, master_key from keys.sealing_key limit 1`, `delete from keys.sealing_key where holder = 'stream:other'`],
      [`update keys.deployment set deployment_key = 'x' || deployment_key`, `update keys.deployment set deployment_key = substr(deployment_key, 2)`],
      [`update keys.sealing_key set wrapped = null, destroyed_at = now() where holder = 'stream:note-7'`, `delete from keys.sealing_key where holder = 'stream:note-8'`],
    ] as const) {
      await sql(whole.keys.ownerUrl, spoil);
      expect(await restore(dir, keysThere)).toMatchObject({ code: 1, err: expect.stringMatching(/^Nothing was restored: the key store holds other keys already/) });
      await sql(whole.keys.ownerUrl, undo);
    }
    expect(await eventsIn(keysThere)).toBe(0);
  }, 60_000);
});

describe('a backup that fails', () => {
  it('for Ctrl-C leaves nothing, and is taken again into the same folder', async () => {
    const dir = inFolder('interrupted');
    const release = await holdReads(source().keys);
    const running = spawn(process.execPath, [main, 'backup', dir, ...optionsOf(source(), false)], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [said, closed] = [text(running.stderr), once(running, 'close')];
    await eventually(() => stat(join(dir, 'log')));
    running.kill('SIGINT');
    await release();
    await closed;
    expect({ code: running.exitCode, said: await said }).toEqual({ code: 130, said: 'Interrupted: no backup was taken, and what was written of it is removed.\n' });
    expect(await readdir(dir)).toEqual([]);
    expect(await backup(dir, source())).toMatchObject({ code: 0 });
  });

  it('by a full disk says so and leaves no manifest', () => {
    const dir = inFolder('limited');
    const { status, stderr, stdout } = inShell(['backup', dir, ...optionsOf(source(), false)], 'ulimit -f 8', `ls -A ${dir}/log ${dir}/keys; true`);
    expect(stderr).toMatch(/^The backup cannot be taken: a file may not be as large there\.$/m);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });

  itWhere(hasOwnMounts, 'a file system of its own')('by a file system that is full says so and leaves no manifest', async () => {
    const dir = inFolder('full');
    await mkdir(dir);
    const command = `mount -t tmpfs -o size=64k tmpfs ${dir} && "$0" "$@" >&2; code=$?; find ${dir} -type f; exit $code`;
    const { status, stderr, stdout } = spawnSync('unshare', ['-m', 'sh', '-c', command, process.execPath, main, 'backup', dir, ...optionsOf(source(), false)], { encoding: 'utf8' });
    expect(stderr).toMatch(/^The backup cannot be taken: the disk is full\.$/m);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });

  it('where this account may not write says so', async () => {
    // Root may write wherever a file system lets anybody.
    const closed = isRoot ? '/sys' : inFolder('closed');
    if (!isRoot) await mkdir(closed).then(() => chmod(closed, 0o500));
    expect(await backup(join(closed, 'backup'), source())).toMatchObject({ code: 1, err: expect.stringMatching(/^The backup cannot be taken: (this account may not read or write there|the file system is read-only)\.\n$/) });
  });

  it('over the rest of one that was cut off names it', async () => {
    const dir = inFolder('cut-off');
    await mkdir(join(dir, 'log/half'), { recursive: true });
    expect(await backup(dir, source())).toEqual({ code: 1, out: '', err: `${dir}/log is not empty and has no manifest.json: what was begun there was cut off, or still goes on. Remove it, or name another folder.\n` });
    expect(await readdir(dir)).toEqual(['log']);
  });
});

describe('databases that cannot be used', () => {
  const away = async (): Promise<string> => `postgres://nobody@127.0.0.1:${await freePort()}/log`;

  it('are told in a sentence, with 3 where they do not answer', async () => {
    const dir = await backedUp('for-errors');
    const { log, keys } = source();
    const never = inFolder('never');
    expect(await backup(never, source(), '--key-store-url', await away())).toMatchObject({ code: 3, err: 'The backup cannot be taken: the database does not answer.\n' });
    expect(await backup(never, source(), '--event-store-url', await away())).toMatchObject({ code: 3, err: expect.stringMatching(/^The backup cannot be taken: the log's database does not answer: .*ECONNREFUSED/) });
    expect(await backup(never, source(), '--key-store-url', log.appUrl)).toMatchObject({ code: 1, err: 'The backup cannot be taken: the database holds no key store yet: it is created by its owner, at first start.\n' });
    expect(await backup(never, source(), '--event-store-url', keys.appUrl)).toMatchObject({ code: 1, err: expect.stringMatching(/^The backup cannot be taken: the database holds no log yet/) });
    expect(await readdir(never)).toEqual([]);
    const target = await emptyPlace();
    for (const name of ['--event-store-url', '--key-store-url']) {
      expect(await restore(dir, target, name, await away())).toEqual({ code: 3, out: '', err: 'Nothing was restored: the database does not answer.\n' });
    }
    expect(await eventsIn(target)).toBe(0);
  }, 60_000);

  it('are told in a sentence where the role may not do it, or is not let in', async () => {
    const dir = await backedUp('for-roles');
    const target = await emptyPlace();
    const asReaders = await annals('restore', dir, ...optionsOf(target, false));
    expect(asReaders).toEqual({ code: 1, out: '', err: 'Nothing was restored: the role in the database may not do this.\n' });
    const wrongPassword = new URL(target.log.ownerUrl);
    wrongPassword.password = 'x';
    expect(await restore(dir, target, '--event-store-url', wrongPassword.href)).toEqual({ code: 1, out: '', err: 'Nothing was restored: the database refuses the password.\n' });
    const nowhere = target.keys.ownerUrl.replace(/[^/]+$/, 'nowhere');
    expect(await restore(dir, target, '--key-store-url', nowhere)).toEqual({ code: 1, out: '', err: 'Nothing was restored: there is no such database.\n' });
    expect([await keysIn(target), await eventsIn(target)]).toEqual([0, 0]);
    await sql(source().keys.ownerUrl, 'revoke select on keys.sealing_key from app');
    expect(await backup(inFolder('never'), source())).toMatchObject({ code: 1, err: 'The backup cannot be taken: the role in the database may not do this.\n' });
    await sql(source().keys.ownerUrl, 'grant select on keys.sealing_key to app');
  }, 60_000);
});

async function keysIn({ keys }: Place): Promise<number> {
  const [row] = await sql<{ count: number }>(keys.ownerUrl, 'select count(*)::int as count from keys.sealing_key');
  return row?.count ?? -1;
}

async function eventsIn({ log }: Place): Promise<number> {
  const store = await openPostgresStore({ connectionString: log.appUrl });
  try {
    return (await store.head()).position;
  } finally {
    await store.close();
  }
}
