import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { builtServices, startSystem, type System } from '@annals/local';
import { eventually, freePort, httpClient } from '@annals/testing';
import { afterEach, describe, expect, it } from '@jest/globals';

import { runAnnals, startAnnals } from './fixtures/annals.js';
import { countsIn, digestsIn, folderForTests, settled, statusOf } from './fixtures/backups.js';
import { Started } from './fixtures/started.js';

const services = builtServices(fileURLToPath(new URL('../../', import.meta.url)));
const longMs = 240_000;
const folder = folderForTests();
const NAME = 'Backed Up Person';
const WRITERS = 3;
let running: System[] = [];
let started: Started | undefined;

async function start(dataDir: string): Promise<System> {
  const system = await startSystem({ dataDir, services });
  running.push(system);
  return system;
}

/** Records a customer, and a call from her number that is found to be hers. @returns where both are */
async function record(url: string, id: string): Promise<string[]> {
  const http = httpClient(() => url);
  const phone = { kind: 'phone', raw: `+44 20 7946 ${String(Number(id) % 10_000).padStart(4, '0')}` };
  const customer = await http.post('/customers', { kind: 'person', name: { full: NAME }, contactPoints: [phone], reference: { system: 'crm', id }, meta: { source: { system: 'crm', recordId: id } } });
  const call = await http.post('/communications', {
    medium: 'voice',
    direction: 'inbound',
    purpose: 'service',
    startedAt: '2026-11-23T09:00:00Z',
    participants: [{ role: 'from', address: phone }],
    parts: [],
    reference: { system: 'crm', id },
    meta: { source: { system: 'crm', recordId: id } },
  });
  expect([customer.status, call.status]).toEqual([201, 201]);
  return [customer, call].map(({ headers }) => String(headers.get('location')));
}

const historyIn = async (url: string, location: string): Promise<unknown> => (await httpClient(() => url).get(`${location}/history`)).body['items'];

afterEach(async () => {
  started?.kill('SIGTERM');
  await started?.ended();
  started = undefined;
  for (const system of running) await system.stop({ quickly: true });
  running = [];
}, longMs);

describe('a data directory', () => {
  it('that is backed up under load is restored with everything that was acknowledged before, as the API shows it', async () => {
    const source = await start(folder('source'));
    const acknowledged: string[] = [];
    let isOver = false;
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      for (let n = 0; n < 3_000 && !isOver; n++) acknowledged.push(...(await record(source.url, String(n * WRITERS + writer))));
    });
    await eventually(() => acknowledged.length > 60, { withinMs: 60_000 });
    const before = [...acknowledged];
    const dir = folder('under-load');
    const taken = await runAnnals(['backup', dir, '--data-dir', source.dataDir, '--json']);
    const during = acknowledged.length - before.length;
    isOver = true;
    await Promise.all(writers);
    expect([taken.code, taken.err]).toEqual([0, '']);
    expect(during).toBeGreaterThan(0);
    expect(await runAnnals(['backup', 'verify', dir])).toMatchObject({ code: 0, err: '' });
    const events = gunzipSync(await readFile(join(dir, 'log/events-000001.ndjson.gz'))).toString().trim().split('\n').map((line) => JSON.parse(line) as { type: string; data: string });
    expect(events).toHaveLength((JSON.parse(taken.out) as { events: number }).events);
    for (const { data } of events) expect(Buffer.from(data, 'base64').toString()).not.toContain(NAME);

    expect(await runAnnals(['restore', dir, '--data-dir', folder('restored')])).toMatchObject({ code: 0, err: '' });
    const restored = await start(folder('restored'));
    expect((await statusOf(restored.url)).log.id).toBe((await statusOf(source.url)).log.id);
    for (const location of before) {
      const history = await historyIn(restored.url, location);
      expect(history).not.toEqual([]);
      expect(await historyIn(source.url, location)).toEqual(expect.arrayContaining(history as unknown[]));
    }
    const [customer = ''] = before;
    await eventually(async () => expect((await httpClient(() => restored.url).get(customer)).body).toMatchObject({ name: { full: NAME } }), { withinMs: 60_000 });
    // It goes on as the log that it was.
    await record(restored.url, '999999');
  }, longMs);

  it('that stands still is backed up, and npm start on the restored one shows the same counts and the same read models', async () => {
    const source = await start(folder('still'));
    for (let n = 0; n < 20; n++) await record(source.url, String(n));
    await settled(source.url);
    const [counts, digests] = [await countsIn(source.url, 'crm'), await digestsIn(source.url)];
    expect(Object.keys(digests).sort()).toEqual(['card', 'features', 'matching', 'memberships', 'records', 'timeline']);
    await source.stop();

    const [log, keys] = [folder('still-log'), folder('still-keys')];
    expect(await runAnnals(['backup', log, '--keys-dir', keys, '--data-dir', folder('still')])).toMatchObject({ code: 0, err: '' });
    expect(await runAnnals(['restore', log, '--keys-dir', keys, '--data-dir', folder('again')])).toMatchObject({ code: 0, err: '' });
    started = new Started('--data-dir', folder('again'), '--port', String(await freePort()));
    const url = await started.ready();
    await settled(url);
    expect(await countsIn(url, 'crm')).toEqual(counts);
    expect(await digestsIn(url)).toEqual(digests);
    expect(await startAnnals(['rebuild'], url).finished).toMatchObject({ code: 0 });
    expect(await digestsIn(url)).toEqual(digests);
    expect(await runAnnals(['restore', log, '--keys-dir', keys, '--data-dir', folder('again')])).toMatchObject({ code: 1, err: expect.stringMatching(/^Nothing was restored: The data directory .* is in use by process \d+/) });

    // What asks for tokens does not come back open to everybody.
    const described = async (dataDir: string): Promise<object> => JSON.parse(await readFile(join(folder(dataDir), 'annals.json'), 'utf8')) as object;
    const closed = { ...(await described('still')), tokens: true, timeZone: 'Asia/Tokyo' };
    await writeFile(join(folder('still'), 'annals.json'), JSON.stringify(closed));
    expect(await runAnnals(['backup', folder('closed'), '--data-dir', folder('still')])).toMatchObject({ code: 0, err: '' });
    expect(await runAnnals(['restore', folder('closed'), '--data-dir', folder('closed-again')])).toMatchObject({ code: 0, err: '' });
    expect(await described('closed-again')).toEqual(closed);
  }, longMs);
});
