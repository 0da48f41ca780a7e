import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';
import type { AnnalsEvent, Metadata } from '@annals/contracts';
import { openPostgresStore } from '@annals/event-store';
import { createEventCodec, createIdentities, openKeyStore } from '@annals/sealing';

import { annals, appendNotes, backup, optionsOf, placesForTests, restore, type Ended, type Place } from '../fixtures/backup-places.js';

const places = placesForTests();
const { source, emptyPlace } = places;
const inFolder = (name: string): string => join(source().folder, name);

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

/** That a place holds what the source held up to where the backup was taken, and can open it. */
async function expectRestored(target: Place, acknowledged: number): Promise<void> {
  const { store, keyStore, holders } = source();
  const restored = await openPostgresStore({ connectionString: target.log.appUrl });
  const kept = await openKeyStore({ connectionString: target.keys.appUrl, masterKey: await readFile(target.masterKeyFile) });
  try {
    const head = await restored.head();
    expect(head.position).toBeGreaterThanOrEqual(acknowledged);
    expect((await restored.readAll({ after: 0, limit: head.position })).events).toEqual((await store.readAll({ after: 0, limit: head.position })).events);
    const identities = createIdentities(await readFile(target.deploymentKeyFile));
    await kept.bind({ logId: store.logId, deploymentKeyId: identities.deploymentKeyId, logIsEmpty: false });
    const sealed = (await restored.readAll({ after: 0, limit: head.position })).events.filter(({ type }) => type === phone.type);
    const opening = createEventCodec({ identities, keys: kept });
    for (const event of sealed) {
      expect(Buffer.from(event.data).toString()).not.toContain(phone.data.raw);
      expect((await opening.decode([event]))[0]).toMatchObject(phone);
    }
    const held = [...(await keyStore.forHolders(holders)).values()];
    expect(await kept.byIds(held.map(({ id }) => id))).toEqual(new Map(held.map(({ id, key }) => [id, key])));
  } finally {
    await restored.close();
    await kept.close();
  }
}

async function appendSealed(): Promise<number> {
  const { store, keyStore, deploymentKey } = source();
  const customer = `customer-${randomUUID()}`;
  const codec = createEventCodec({ identities: createIdentities(deploymentKey), keys: keyStore });
  return (await store.append(customer, 'NoStream', (await codec.encode(customer, [phone], metadata)).events)).position;
}

describe('annals backup and annals restore', () => {
  it('bring everything that was acknowledged before to an empty place, while more is written', async () => {
    let isOver = false;
    const load = (async () => {
      for (let turn = 0; turn < 200 && !isOver; turn++) await appendNotes(source().store, 5);
    })();
    const acknowledged = await appendSealed();
    const dir = inFolder('under-load');
    const taken = await backup(dir, source(), '--keep', '7');
    isOver = true;
    await load;
    expect(taken).toMatchObject({ code: 0, err: '' });
    const target = await emptyPlace();
    expect(await restore(dir, target)).toMatchObject({ code: 0, err: '' });
    await expectRestored(target, acknowledged);
    expect(await restore(dir, target)).toMatchObject({ code: 1, err: expect.stringMatching(/^Nothing was restored: log .* holds events already/) });
    for (const set of ['log', 'keys']) for (const file of await readdir(join(dir, set))) expect((await stat(join(dir, set, file))).mode & 0o777).toBe(0o600);
  }, 60_000);

  it('keep the two sets apart, also where each is taken by an account that reaches one database alone', async () => {
    const [log, keys, alone, safe] = ['apart-log', 'apart-keys', 'alone-log', 'alone-keys'].map(inFolder) as [string, string, string, string];
    const acknowledged = await appendSealed();
    expect(await backup(log, source(), '--keys-dir', keys)).toMatchObject({ code: 0 });
    expect([await readdir(log), await readdir(keys)]).toEqual([['log'], ['keys']]);

    const [eventStore, keyStore] = [optionsOf(source(), false).slice(0, 2), optionsOf(source(), false).slice(2)];
    const taken = await annals('backup', alone, '--only', 'log', ...eventStore, '--json');
    const { backupId } = JSON.parse(taken.out) as { backupId: string };
    expect(await annals('backup', safe, '--only', 'keys', '--id', backupId, ...keyStore)).toMatchObject({ code: 0, err: '' });
    expect([await readdir(alone), await readdir(safe)]).toEqual([['log'], ['keys']]);

    for (const [from, keysFrom] of [[log, keys], [alone, safe]] as const) {
      const target = await emptyPlace();
      expect(await restore(from, target, '--keys-dir', keysFrom)).toMatchObject({ code: 0, err: '' });
      await expectRestored(target, acknowledged);
    }
    for (const outcome of [await annals('backup', 'verify', log, '--keys-dir', safe), await restore(log, await emptyPlace(), '--keys-dir', safe)]) {
      expect(outcome).toMatchObject({ code: 1, err: expect.stringMatching(/^The log is of backup .* and the keys are of .*: use two sets that were taken together/) });
    }
  }, 60_000);

  it.each<[string, string[], RegExp]>([
    ['keys alone without the id of their log', ['--only', 'keys'], /^Keys that are taken alone belong to a log/],
    ['an id for a backup that gets one', ['--id', randomUUID()], /^--id is for --only keys/],
    ['an id that is none', ['--only', 'keys', '--id', 'monday'], /It is the id of a backup/],
    ['a second folder for one set', ['--only', 'log', '--keys-dir', 'x'], /^--keys-dir is for both sets/],
    ['a third set', ['--only', 'views'], /Allowed choices are log, keys/],
    ['no days', ['--keep', '0'], /whole number of days/],
  ])('refuse %s', async (_what, args, sentence) => {
    expect(await backup(inFolder('never'), source(), ...args)).toMatchObject({ code: 2, err: expect.stringMatching(sentence) });
  });

  it('take one place, and a directory that is there', async () => {
    expect(await backup(inFolder('never'), source(), '--data-dir', inFolder('nothing'))).toMatchObject({ code: 2, err: 'Say --data-dir, or --event-store-url: each is a place of its own.\n' });
    expect(await annals('backup', inFolder('never'), '--data-dir', inFolder('nothing'))).toEqual({ code: 1, out: '', err: `The backup cannot be taken: There is no data directory ${inFolder('nothing')}.\n` });
    expect(await annals('restore', inFolder('never'), '--data-dir', inFolder('nothing'))).toMatchObject({ code: 1, err: expect.stringMatching(/never\/log holds no whole set of a backup/) });
    await expect(stat(inFolder('nothing'))).rejects.toThrow('ENOENT');
  });

  it('say what they were not told', async () => {
    expect(await annals('backup', inFolder('never'))).toMatchObject({ code: 2, err: 'Say where it is: --data-dir DIR, or --event-store-url URL (EVENT_STORE_URL).\n' });
    expect(await annals('backup', inFolder('never'), '--event-store-url', 'esdb://somebody:secret@host', ...optionsOf(source(), true).slice(2))).toMatchObject({ code: 2, err: expect.stringMatching(/^A log in EventStoreDB is backed up and restored by EventStoreDB itself/) });
    expect(await annals('restore', inFolder('never'), ...optionsOf(source(), true).slice(0, 4))).toMatchObject({ code: 2, err: 'Say where it is: --data-dir DIR, or --deployment-key-file FILE (DEPLOYMENT_KEY_FILE).\n' });
  });

  it('refuse what is damaged, half, mixed, expired, or in the way, and leave the place as empty as it was', async () => {
    const [first, second] = ['first', 'second'].map(inFolder) as [string, string];
    await backup(first, source());
    await backup(second, source(), '--without-master-key');
    expect((await backup(first, source())).err).toMatch(/keys holds a backup already, which is never written over/);
    const target = await emptyPlace();
    const refusal = async (dir: string): Promise<string> => {
      const { code, err }: Ended = await restore(dir, target);
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
      [join(first, 'log/manifest.json'), (text: string) => text.replace('"format": 1', '"format": 2'), /is of format 2, and this version of Annals reads format 1: use a newer version/],
      [join(first, 'keys/manifest.json'), (text: string) => text.replace(/"expiresAt": "\d+/, '"expiresAt": "2001'), /^This backup expired at 2001/],
    ] as const) {
      const undo = await change(path, to);
      expect(await refusal(first)).toMatch(sentence);
      await undo();
    }
    const undo = await change(join(first, 'keys/manifest.json'), (text) => text.replace(/"backupId": "[^"]*/, `"backupId": "${randomUUID()}`));
    expect(await refusal(first)).toMatch(/use two sets that were taken together/);
    await undo();
    await writeFile(target.masterKeyFile, randomBytes(32), { mode: 0o600 });
    expect(await refusal(first)).toMatch(/holds another key than the backup/);
    await expect(stat(target.deploymentKeyFile)).rejects.toThrow('ENOENT');
    expect(await restore(second, target)).toMatchObject({ code: 0, out: expect.stringContaining('The master key was not in the backup') });
  }, 60_000);
});
