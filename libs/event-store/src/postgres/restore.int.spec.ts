import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { postgresForTests, type TestDatabase } from '@annals/testing';

import type { EventStore, StoredEvent } from '../event-store.js';
import { migratePostgresLog } from './migrate.js';
import { restorePostgresLog } from './restore.js';
import { openPostgresStore } from './store.js';

const postgres = postgresForTests();
let source: EventStore;
let target: TestDatabase;
const opened: EventStore[] = [];

async function open({ appUrl, ownerUrl, appRole }: TestDatabase): Promise<EventStore> {
  await migratePostgresLog({ ownerUrl, appRole });
  const store = await openPostgresStore({ connectionString: appUrl });
  opened.push(store);
  return store;
}

const newEvent = (text: string) => ({ id: randomUUID(), type: 'Noted', version: 1, data: Buffer.from(text), metadata: Buffer.from('{}') });

const all = async (store: EventStore): Promise<readonly StoredEvent[]> => (await store.readAll({ after: 0 })).events;

async function* each(events: readonly StoredEvent[]): AsyncGenerator<StoredEvent> {
  for (const event of events) yield await Promise.resolve(event);
}

async function restore(events: readonly StoredEvent[]): Promise<void> {
  await restorePostgresLog({ ownerUrl: target.ownerUrl, head: await source.head(), events: each(events) });
}

beforeEach(async () => {
  source = await open(await postgres.freshDatabase());
  target = await postgres.freshDatabase();
  await migratePostgresLog({ ownerUrl: target.ownerUrl, appRole: target.appRole });
  for (const category of ['note', 'thing']) {
    const stream = `${category}-${randomUUID()}`;
    await source.append(stream, 'NoStream', [newEvent('a\u0000é'), newEvent('b')]);
    await source.append(stream, 1, [newEvent('c')]);
  }
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

describe('restorePostgresLog', () => {
  it('makes the same log again, under its id, which then goes on', async () => {
    const before = await all(source);
    await restore(before);
    const restored = await open(target);
    expect(restored.logId).toBe(source.logId);
    expect(await all(restored)).toEqual(before);
    await restored.verifyPlace(await source.head());
    const { stream, revision } = before.at(-1) ?? { stream: '', revision: 0 };
    expect(await restored.append(stream, revision, [newEvent('d')])).toMatchObject({ position: 7, revision: 3 });
  });

  it('refuses a log that holds events', async () => {
    await (await open(target)).append(`note-${randomUUID()}`, 'NoStream', [newEvent('own')]);
    await expect(restore(await all(source))).rejects.toThrow(/holds events already/);
  });

  it.each<[string, (events: StoredEvent[]) => (StoredEvent | undefined)[], RegExp]>([
    ['lacks an event', (events) => events.filter((_, index) => index !== 2), /position 4 after 2/],
    ['is cut short', (events) => events.slice(0, -1), /ends at position 5 and not/],
    ['holds an event twice', ([first, ...more]) => [first, ...more.map((event) => (event.position === 2 && first ? { ...event, id: first.id } : event))], /holds an event twice/],
    ['lacks a revision', (events) => events.map((event) => (event.position === 6 ? { ...event, revision: 5 } : event)), /lacks events of stream/],
  ])('refuses a backup that %s, and leaves the place empty for the next', async (_what, spoil, sentence) => {
    const events = await all(source);
    await expect(restore(spoil([...events]).filter((event) => event !== undefined))).rejects.toThrow(sentence);
    expect((await (await open(target)).head()).position).toBe(0);
    await restore(events);
  });
});
