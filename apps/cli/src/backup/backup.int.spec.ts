import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AnnalsEvent, Metadata } from '@annals/contracts';
import { migratePostgresLog, openPostgresStore, type EventStore } from '@annals/event-store';
import { createEventCodec, createIdentities, migrateKeyStore, openKeyStore, type KeyStore } from '@annals/sealing';
import { postgresForTests, type TestDatabase } from '@annals/testing';

import { runCommandLine } from '../program.js';

const postgres = postgresForTests();
const deploymentKey = randomBytes(32);
const masterKey = randomBytes(32);
/** More than a page of the key store's. */
const holders = Array.from({ length: 1_500 }, (_, index) => `stream:note-${index}`);
let folder: string;
let source: Place;
let store: EventStore;
let keys: KeyStore;

interface Place {
  readonly log: TestDatabase;
  readonly keys: TestDatabase;
  readonly deploymentKeyFile: string;
  readonly masterKeyFile: string;
}

async function emptyPlace(name: string): Promise<Place> {
  const place = { log: await postgres.freshDatabase(), keys: await postgres.freshDatabase(), deploymentKeyFile: join(folder, `${name}.deployment`), masterKeyFile: join(folder, `${name}.master`) };
  await migratePostgresLog({ ownerUrl: place.log.ownerUrl, appRole: place.log.appRole });
  await migrateKeyStore({ ownerUrl: place.keys.ownerUrl, writerRole: place.keys.appRole, readerRole: place.keys.appRole });
  return place;
}

async function annals(command: 'backup' | 'restore', dir: string, place: Place, ...more: string[]): Promise<{ code: number; out: string; err: string }> {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const url = (database: TestDatabase): string => (command === 'backup' ? database.appUrl : database.ownerUrl);
  const where = ['--event-store-url', url(place.log), '--key-store-url', url(place.keys), '--deployment-key-file', place.deploymentKeyFile, '--master-key-file', place.masterKeyFile];
  const code = await runCommandLine([command, dir, ...where, ...more], streams);
  return { code, out: String(streams.out.read() ?? ''), err: String(streams.err.read() ?? '') };
}

const append = (count: number) =>
  store.append(`note-${randomUUID()}`, 'NoStream', Array.from({ length: count }, () => ({ id: randomUUID(), type: 'Noted', version: 1, data: randomBytes(20), metadata: Buffer.from('{}') })));

const phone: AnnalsEvent<'ContactPointAdded'> = { type: 'ContactPointAdded', data: { id: randomUUID(), kind: 'phone', raw: '+44 20 7946 0018' } };

const metadata: Metadata = {
  format: 1,
  actor: { id: 'unverified', kind: 'unverified', assurance: 'none' },
  department: 'default',
  occurredAt: '2024-05-01T00:00:00.000Z',
  precision: 'instant',
  effectiveAt: '2024-05-01T00:00:00.000Z',
  commandId: randomUUID(),
  fingerprint: '00',
  correlationId: randomUUID(),
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-backup-'));
  source = await emptyPlace('source');
  await writeFile(source.deploymentKeyFile, deploymentKey, { mode: 0o600 });
  await writeFile(source.masterKeyFile, masterKey, { mode: 0o600 });
  store = await openPostgresStore({ connectionString: source.log.appUrl });
  keys = await openKeyStore({ connectionString: source.keys.appUrl, masterKey });
  await keys.bind({ logId: store.logId, deploymentKeyId: createIdentities(deploymentKey).deploymentKeyId, logIsEmpty: true });
  await keys.forHolders(holders);
  await append(900);
}, 60_000);

afterAll(async () => {
  await store.close();
  await keys.close();
  await rm(folder, { recursive: true });
});

describe('annals backup and annals restore', () => {
  it('bring everything that was acknowledged before to an empty place, while more is written', async () => {
    let isOver = false;
    const load = (async () => {
      for (let turn = 0; turn < 200 && !isOver; turn++) await append(5);
    })();
    const customer = `customer-${randomUUID()}`;
    const sealing = createEventCodec({ identities: createIdentities(deploymentKey), keys });
    const acknowledged = await store.append(customer, 'NoStream', (await sealing.encode(customer, [phone], metadata)).events);
    const dir = join(folder, 'under-load');
    const taken = await annals('backup', dir, source, '--keep', '7');
    isOver = true;
    await load;
    expect(taken).toMatchObject({ code: 0, err: '' });
    const target = await emptyPlace('target');
    expect(await annals('restore', dir, target)).toMatchObject({ code: 0, err: '' });
    const restored = await openPostgresStore({ connectionString: target.log.appUrl });
    const kept = await openKeyStore({ connectionString: target.keys.appUrl, masterKey: await readFile(target.masterKeyFile) });
    try {
      const head = await restored.head();
      expect(head.position).toBeGreaterThanOrEqual(acknowledged.position);
      expect((await restored.readAll({ after: 0, limit: head.position })).events).toEqual((await store.readAll({ after: 0, limit: head.position })).events);
      await kept.bind({ logId: store.logId, deploymentKeyId: createIdentities(await readFile(target.deploymentKeyFile)).deploymentKeyId, logIsEmpty: false });
      const opening = createEventCodec({ identities: createIdentities(await readFile(target.deploymentKeyFile)), keys: kept });
      const [sealed] = (await restored.readAll({ after: acknowledged.position - 1, limit: 1 })).events;
      if (sealed === undefined) throw new Error('what was acknowledged is there');
      expect(Buffer.from(sealed.data).toString()).not.toContain(phone.data.raw);
      expect((await opening.decode([sealed]))[0]).toMatchObject(phone);
      const held = [...(await keys.forHolders(holders)).values()];
      expect(await kept.byIds(held.map(({ id }) => id))).toEqual(new Map(held.map(({ id, key }) => [id, key])));
    } finally {
      await restored.close();
      await kept.close();
    }
    expect(await annals('restore', dir, target)).toMatchObject({ code: 1, err: expect.stringMatching(/^Nothing was restored: log .* holds events already/) });
    for (const set of ['log', 'keys']) for (const file of await readdir(join(dir, set))) expect((await stat(join(dir, set, file))).mode & 0o777).toBe(0o600);
  }, 60_000);

  it('refuse what is damaged, half, mixed, expired, or in the way, and leave the place as empty as it was', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    await annals('backup', first, source);
    await annals('backup', second, source, '--without-master-key');
    expect((await annals('backup', first, source)).err).toMatch(/is not empty/);
    const target = await emptyPlace('refusing');
    const refusal = async (dir: string): Promise<string> => {
      const { code, err } = await annals('restore', dir, target);
      expect(code).toBe(1);
      return err;
    };
    const change = async (path: string, to: (text: string) => string): Promise<() => Promise<void>> => {
      const bytes = await readFile(path);
      await writeFile(path, to(bytes.toString('latin1')), 'latin1');
      return () => writeFile(path, bytes);
    };
    const events = join(first, 'log/events-000001.ndjson.gz');
    for (const [path, to, sentence] of [
      [events, (text: string) => `${text.slice(0, -1)}x`, /^The backup is damaged/],
      [join(first, 'log/manifest.json'), () => '', /holds no whole set/],
      [join(first, 'keys/manifest.json'), (text: string) => text.replace(/"expiresAt": "\d+/, '"expiresAt": "2001'), /^This backup expired at 2001/],
    ] as const) {
      const undo = await change(path, to);
      expect(await refusal(first)).toMatch(sentence);
      await undo();
    }
    const undo = await change(join(first, 'keys/manifest.json'), (text) => text.replace(/"backupId": "[^"]*/, `"backupId": "${randomUUID()}`));
    expect(await refusal(first)).toMatch(/restore two sets that were taken together/);
    await undo();
    await writeFile(target.masterKeyFile, randomBytes(32), { mode: 0o600 });
    expect(await refusal(first)).toMatch(/holds another key than the backup/);
    expect(await annals('restore', second, target)).toMatchObject({ code: 0, out: expect.stringContaining('The master key was not in the backup') });
  }, 60_000);
});
