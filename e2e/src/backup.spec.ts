import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { httpClient } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { runAnnals, type Finished } from './fixtures/annals.js';
import { systemForTests } from './fixtures/running-system.js';

const system = systemForTests();
const http = httpClient(() => system().url);
const NAME = 'Backed Up Person';
let folder: string;

const registered = async (): Promise<number> => (await http.post('/customers', { kind: 'person', name: { full: NAME } })).status;

function backup(dir: string): Promise<Finished> {
  const { databases, dataDir } = system();
  return runAnnals(['backup', dir, '--json'], {
    EVENT_STORE_URL: databases.eventStoreReader,
    KEY_STORE_URL: databases.keyStoreReader,
    DEPLOYMENT_KEY_FILE: join(dataDir, 'deployment.key'),
    MASTER_KEY_FILE: join(dataDir, 'master.key'),
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-backup-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('annals backup', () => {
  it('by roles that may only read, of a system that goes on recording, holds what was acknowledged, and names sealed', async () => {
    for (let n = 0; n < 10; n++) expect(await registered()).toBe(201);
    const dir = join(folder, 'first');
    let isTaken = false;
    const taking = backup(dir).finally(() => (isTaken = true));
    const meanwhile: number[] = [];
    for (let n = 0; n < 1_000 && !isTaken; n++) meanwhile.push(await registered());
    const { code, out, err } = await taking;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(new Set(meanwhile)).toEqual(new Set([201]));
    const taken = JSON.parse(out) as { events: number; keys: number };
    expect(taken.events).toBeGreaterThanOrEqual(10);
    expect(taken.keys).toBeGreaterThanOrEqual(10);
    const events = gunzipSync(await readFile(join(dir, 'log/events-000001.ndjson.gz'))).toString().trim().split('\n').map((line) => JSON.parse(line) as { type: string; data: string });
    expect(events).toHaveLength(taken.events);
    expect(events.filter(({ type }) => type === 'CustomerRegistered').length).toBeGreaterThanOrEqual(10);
    for (const { data } of events) expect(Buffer.from(data, 'base64').toString()).not.toContain(NAME);
  }, 60_000);
});
