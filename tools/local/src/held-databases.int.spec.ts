import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { openDataDirectory } from './data-directory.js';
import { openForReading, openForRestoring, type RestoringDatabases } from './held-databases.js';
import { isAlive } from './processes.js';

const settings = { demo: false, tokens: true, timeZone: 'Asia/Tokyo' };
let dataDir: string;
let restoring: RestoringDatabases | undefined;

async function eventsBy(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query('select count(*)::int as events, current_user as role from annals_log.events')).rows[0];
  } finally {
    await client.end();
  }
}

const pidOfPostgres = async (): Promise<number> => Number.parseInt(await readFile(join(dataDir, 'postgres/cluster/data/postmaster.pid'), 'utf8'), 10);

beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'annals-held-')), 'data');
});

afterEach(async () => {
  await restoring?.close();
  restoring = undefined;
  await rm(join(dataDir, '..'), { recursive: true });
}, 60_000);

describe('a data directory that is restored', () => {
  it('is kept from being started until everything is there, and then has the settings of the one that it comes from', async () => {
    restoring = await openForRestoring(dataDir, settings);
    expect(await eventsBy(restoring.eventStoreUrl)).toEqual({ events: 0, role: 'log_owner' });
    await expect(openForReading(dataDir)).rejects.toThrow(/was not finished: run it again/);
    await restoring.close();
    await expect(openDataDirectory(dataDir, false)).rejects.toThrow(`A restore into ${restoring.path} was not finished: run it again (annals restore BACKUP --data-dir ${restoring.path}), or remove the directory.`);
    restoring = await openForRestoring(dataDir, settings);
    await restoring.done();
    await restoring.close();
    // No key was restored, and none is made up for a log that may hold something.
    await expect(openDataDirectory(dataDir, false)).rejects.toThrow(/was written with a key that is missing: master\.key/);
    await expect(openForRestoring(dataDir, settings)).rejects.toThrow(/There is an Annals in .* already: a backup is restored into a new directory/);
    expect(JSON.parse(await readFile(join(dataDir, 'annals.json'), 'utf8'))).toEqual({ format: 1, ...settings });
  }, 120_000);

  it('is read by roles that may do no more, of the PostgreSQL that runs on it or of one for that alone', async () => {
    restoring = await openForRestoring(dataDir, settings);
    await restoring.done();
    const beside = await openForReading(dataDir);
    expect(await eventsBy(beside.eventStoreUrl)).toEqual({ events: 0, role: 'log_reader' });
    const pid = await pidOfPostgres();
    await beside.close();
    expect(isAlive(pid)).toBe(true);
    await restoring.close();
    expect(isAlive(pid)).toBe(false);
    const alone = await openForReading(dataDir);
    const other = await pidOfPostgres();
    expect(await eventsBy(alone.eventStoreUrl)).toEqual({ events: 0, role: 'log_reader' });
    expect(alone.settings).toEqual(settings);
    await alone.close();
    expect(isAlive(other)).toBe(false);
    expect(existsSync(join(dataDir, 'owner.lock'))).toBe(false);
  }, 120_000);

  it('is told where there is none', async () => {
    await expect(openForReading(dataDir)).rejects.toThrow(`There is no data directory ${dataDir}.`);
    await mkdir(dataDir);
    await expect(openForReading(dataDir)).rejects.toThrow(/^There is no Annals in /);
    expect(existsSync(join(dataDir, 'owner.lock'))).toBe(false);
  });
});
