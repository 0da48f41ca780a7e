import { randomBytes } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from '@jest/globals';

import { annals, backup, forge, placesForTests } from '../fixtures/backup-places.js';

const { source } = placesForTests();
let whole: string;

/** Runs `annals backup verify` on a backup that was changed in one way. */
async function verified(change: (dir: string) => Promise<void>, ...args: string[]): Promise<{ readonly code: number; readonly err: string }> {
  const dir = join(source().folder, 'changed');
  await rm(dir, { recursive: true, force: true });
  await cp(whole, dir, { recursive: true });
  await change(dir);
  const { code, err } = await annals('backup', 'verify', dir, ...args);
  return { code, err: err.replaceAll(dir, 'DIR') };
}

const LOG = 'events-000001.ndjson.gz';
const KEYS = 'keys-000003.ndjson.gz';
/** Changes the lines of a file so that no checksum tells it. */
const forged = (set: 'log' | 'keys', change: (lines: string[]) => string[]) => (dir: string) => forge(join(dir, set), set === 'log' ? LOG : KEYS, change);
const lineOf = (at: number, change: (record: Record<string, unknown>) => object) => (lines: string[]) =>
  lines.map((line, index) => (index === at ? JSON.stringify(change(JSON.parse(line) as Record<string, unknown>)) : line));
const first = (lines: string[]) => JSON.parse(lines[0] ?? '') as Record<string, unknown>;

beforeAll(async () => {
  whole = join(source().folder, 'whole');
  await backup(whole, source());
});

describe('annals backup verify', () => {
  it('says what a whole backup holds, and of each set alone', async () => {
    const result = async (...args: string[]) => {
      const { code, out } = await annals('backup', 'verify', whole, '--json', ...args);
      return { code, result: JSON.parse(out) as unknown };
    };
    const { logId } = source().store;
    expect(await result()).toMatchObject({ code: 0, result: { logId, events: 900, keys: 1_500 } });
    expect(await result('--only', 'log')).toEqual({ code: 0, result: expect.not.objectContaining({ keys: 1_500 }) });
    expect(await result('--only', 'keys')).toEqual({ code: 0, result: expect.not.objectContaining({ events: 900 }) });
    expect((await annals('backup', 'verify', whole)).out).toMatch(/^Backup .* is whole: 900 events and 1500 keys\. It expires at/);
  });

  it.each<[string, (dir: string) => Promise<void>, string]>([
    ['a file that was changed', (dir) => writeFile(join(dir, 'log', LOG), 'x'), `The backup is damaged: DIR/log/${LOG} is not what its manifest says.`],
    ['a file that is missing', (dir) => rm(join(dir, 'keys', KEYS)), `The backup is not whole: DIR/keys/${KEYS} cannot be read: it is missing.`],
    ['a set without its manifest', (dir) => rm(join(dir, 'log/manifest.json')), 'DIR/log holds no whole set of a backup: it has no manifest.json, which is written last.'],
    ['a manifest that says nothing', (dir) => writeFile(join(dir, 'log/manifest.json'), '{}'), 'DIR/log holds no whole set of a backup: its manifest.json is damaged, wrong at format.'],
    ['an event that is missing', forged('log', (lines) => lines.filter((_, index) => index !== 7)), `The backup is damaged: DIR/log/${LOG}, line 8, the event has position 9 after 7.`],
    ['events that are missing at the end', forged('log', (lines) => lines.slice(0, -2)), 'The backup is damaged: DIR/log ends at position 898 and not with the event at 900 that its manifest names.'],
    ['a revision that is missing', forged('log', lineOf(41, (event) => ({ ...event, revision: 99 }))), `The backup is damaged: DIR/log/${LOG}, line 42, the event has revision 99 where its stream is at 41.`],
    ['time that falls', forged('log', lineOf(3, (event) => ({ ...event, recordedAt: 1 }))), `The backup is damaged: DIR/log/${LOG}, line 4, the event was recorded before the event at position 3.`],
    ['an event that is there twice', forged('log', (lines) => lineOf(5, (event) => ({ ...event, id: first(lines)['id'] }))(lines)), `The backup is damaged: DIR/log/${LOG}, line 6, the event is there a second time.`],
    ['what is no event', forged('log', lineOf(2, () => ({}))), `The backup is damaged: DIR/log/${LOG}, line 3, wrong at position.`],
    ['what is no JSON', forged('log', (lines) => ['{', ...lines.slice(1)]), `The backup is damaged: DIR/log/${LOG}, line 1, not what belongs there.`],
    ['a holder who is there twice', forged('keys', (lines) => lineOf(9, (key) => ({ ...key, holder: first(lines)['holder'] }))(lines)), `The backup is damaged: DIR/keys/${KEYS}, line 10, the key is there a second time.`],
    ['a key that the master key does not open', forged('keys', lineOf(4, (key) => ({ ...key, wrapped: randomBytes(40).toString('base64') }))), `The backup is damaged: DIR/keys/${KEYS}, line 5, the key cannot be opened with the master key of the backup.`],
    ['a key that is gone and not destroyed', forged('keys', lineOf(4, (key) => ({ ...key, wrapped: null }))), `The backup is damaged: DIR/keys/${KEYS}, line 5, the key is neither held nor destroyed.`],
  ])('names %s', async (_what, change, sentence) => {
    expect(await verified(change)).toEqual({ code: 1, err: `${sentence}\n` });
  });

  it('names a backup whose time is over, unless told to take it', async () => {
    const expire = async (dir: string): Promise<void> => {
      const path = join(dir, 'log/manifest.json');
      await writeFile(path, (await readFile(path, 'utf8')).replace(/"expiresAt": "\d+/, '"expiresAt": "2001'));
    };
    expect(await verified(expire)).toMatchObject({ code: 1, err: expect.stringMatching(/^This backup expired at 2001/) });
    expect(await verified(expire, '--expired')).toEqual({ code: 0, err: '' });
  });
});
