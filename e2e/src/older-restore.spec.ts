import { join } from 'node:path';

import { migratePostgresLog } from '@annals/event-store';
import { migrateKeyStore } from '@annals/sealing';
import { eventually, httpClient, sql } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';

import { annals, runAnnals, startAnnals } from './fixtures/annals.js';
import { digestsIn, folderForTests, settled, statusOf, superuserUrl } from './fixtures/backups.js';
import { systemForTests } from './fixtures/running-system.js';

const longMs = 240_000;
const ALL = ['card', 'features', 'matching', 'memberships', 'records', 'timeline'];
const system = systemForTests({ separateReadModels: true });
const http = httpClient(() => system().url);
const folder = folderForTests();

/** Records a customer and a call from her number. @returns the customer's id */
async function record(id: number): Promise<string> {
  const phone = { kind: 'phone', raw: `+44 20 7946 0${String(id).padStart(3, '0')}` };
  const customer = await http.post('/customers', { kind: 'person', name: { full: 'Lost Person' }, contactPoints: [phone], reference: { system: 'crm', id: String(id) } });
  // Who tries again may find the customer there already, and no call.
  expect([200, 201]).toContain(customer.status);
  const call = await http.post('/communications', { medium: 'voice', direction: 'inbound', purpose: 'service', startedAt: '2026-11-23T09:00:00Z', participants: [{ role: 'from', address: phone }], parts: [] });
  expect(call.status).toBe(201);
  return String(customer.body['id']);
}

/** Puts a backup in the place of log and keys, under the services that run on them. */
async function replaceBy(dir: string): Promise<void> {
  const at = (database: string): Promise<string> => superuserUrl(system(), database);
  const run = async (text: string): Promise<unknown> => sql(await at('postgres'), text);
  await run('create database log_made');
  await run('create database keys_made');
  await migratePostgresLog({ ownerUrl: await at('log_made'), appRole: 'log_app', readRole: 'log_reader' });
  await migrateKeyStore({ ownerUrl: await at('keys_made'), writerRole: 'keys_writer', readerRole: 'keys_reader' });
  const { dataDir } = system();
  const env = { EVENT_STORE_URL: await at('log_made'), KEY_STORE_URL: await at('keys_made'), DEPLOYMENT_KEY_FILE: join(dataDir, 'deployment.key'), MASTER_KEY_FILE: join(dataDir, 'master.key') };
  expect(await runAnnals(['restore', dir], env)).toMatchObject({ code: 0, err: '' });
  await run('alter database log allow_connections false');
  await run('alter database keys allow_connections false');
  await run(`select pg_terminate_backend(pid) from pg_stat_activity where datname in ('log', 'keys')`);
  await eventually(() => run('alter database log rename to log_lost'));
  await run('alter database log_made rename to log');
  await eventually(() => run('alter database keys rename to keys_lost'));
  await run('alter database keys_made rename to keys');
}

/** Where the read models stand, and why they stand still. */
const models = async () => Object.fromEntries((await statusOf(system().url)).readModels.map(({ name, ...rest }) => [name, rest]));

const ready = async (service: string): Promise<number> => (await fetch(`${system().serviceUrls[service] ?? ''}/health/ready`)).status;

describe('an older log that takes the place of the one that services run on', () => {
  it('makes every read model that is ahead of it stand still, name its place and skip nothing, until it is rebuilt', async () => {
    const kept = await record(1);
    await settled(system().url);
    const dir = folder('backup');
    expect(await runAnnals(['backup', dir, '--data-dir', system().dataDir])).toMatchObject({ code: 0, err: '' });
    const older = (await statusOf(system().url)).log;
    const lost = await record(2);
    await record(3);
    await settled(system().url);
    const [before, digests, { log }] = [await models(), await digestsIn(system().url), await statusOf(system().url)];
    expect(Object.keys(before).sort()).toEqual(ALL);
    expect(log.position).toBeGreaterThan(older.position);

    await replaceBy(dir);
    // Those that only read run on. Those that write remember where their streams are, and are started again.
    for (const service of ['customers', 'communications', 'transactions']) system().kill(service);
    const after = [];
    for (let id = 10; after.length < 6; id++) after.push(await eventually(() => record(id), { withinMs: 60_000 }));
    expect((await statusOf(system().url)).log).toMatchObject({ id: older.id });
    expect((await statusOf(system().url)).log.position).toBeGreaterThan(log.position);

    await eventually(async () => expect(Object.values(await models()).filter(({ trouble }) => trouble === null)).toEqual([]), { withinMs: 60_000 });
    for (const { position, trouble } of Object.values(await models())) expect(trouble).toMatch(new RegExp(`^place ${position} \\(event .* of log ${older.id}\\) is not in this log`));
    expect(await digestsIn(system().url)).toEqual(digests);
    expect(Object.entries(await models()).map(([name, { position }]) => [name, position])).toEqual(Object.entries(before).map(([name, { position }]) => [name, position]));
    expect([await ready('projections'), await ready('analytics')]).toEqual([503, 503]);
    const told = await annals(['status'], system().url);
    for (const name of ALL) expect(told.out).toContain(`${name} (live) stands still: place `);

    expect(await startAnnals(['rebuild'], system().url).finished).toMatchObject({ code: 0 });
    await settled(system().url);
    expect([await ready('projections'), await ready('analytics')]).toEqual([200, 200]);
    expect((await http.get(`/customers/${lost}`)).status).toBe(404);
    for (const id of [kept, ...after]) expect((await http.get(`/customers/${id}`)).body).toMatchObject({ name: { full: 'Lost Person' } });
    const healed = await digestsIn(system().url);
    expect(await startAnnals(['rebuild'], system().url).finished).toMatchObject({ code: 0 });
    expect(await digestsIn(system().url)).toEqual(healed);
  }, longMs);
});
