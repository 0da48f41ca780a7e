import { randomUUID } from 'node:crypto';

import type { AnnalsEvent } from '@annals/contracts';
import { migratePostgresLog, openPostgresStore, restorePostgresLog, type EventStore, type StoredEvent } from '@annals/event-store';
import { createEventCodec, createIdentities, memoryKeyStore } from '@annals/sealing';
import { eventually, postgresForTests, type TestDatabase } from '@annals/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Entity, PrimaryColumn } from 'typeorm';

import { metadata } from './fixtures/tally.js';
import { foldStreams, ReadModels, texts, type ReadModel } from './index.js';

@Entity('tagged')
class TaggedRow {
  @PrimaryColumn('text')
  tag!: string;
}

/** Every tag that the log holds. */
const tagged: ReadModel = {
  name: 'tagged',
  version: 1,
  events: ['CustomerTagged'],
  entities: [TaggedRow],
  apply: foldStreams<never, string>({
    step: (_state, event) => ({ state: undefined, changes: event.type === 'CustomerTagged' ? [event.data.tag] : [] }),
    write: (transaction, tags) => transaction.query('tagged', 'insert into tagged (tag) select * from unnest($1::text[])', [texts(tags)]).then(() => undefined),
  }),
};

const postgres = postgresForTests();
const codec = createEventCodec({ identities: createIdentities(Buffer.alloc(32, 1)), keys: memoryKeyStore(Buffer.alloc(32, 2)) });
let views: TestDatabase;
let closing: { close(): Promise<void> }[];

async function emptyLog(): Promise<TestDatabase> {
  const database = await postgres.freshDatabase();
  await migratePostgresLog({ ownerUrl: database.ownerUrl, appRole: database.appRole });
  return database;
}

async function open({ appUrl }: TestDatabase): Promise<EventStore> {
  const store = await openPostgresStore({ connectionString: appUrl });
  closing.push(store);
  return store;
}

async function tag(store: EventStore, ...tags: string[]): Promise<void> {
  for (const text of tags) {
    const event: AnnalsEvent<'CustomerTagged'> = { type: 'CustomerTagged', data: { tag: text } };
    const stream = `customer-${randomUUID()}`;
    await store.append(stream, 'NoStream', (await codec.encode(stream, [event], metadata())).events);
  }
}

function readModelsOn(store: EventStore): ReadModels {
  const readModels = new ReadModels({ connectionString: views.ownerUrl, store, codec, models: [tagged] });
  closing.unshift(readModels);
  readModels.start();
  return readModels;
}

/** A store whose log can be replaced under those who read it, as a database is by a restored one of its name. */
function replaceable(first: EventStore): { readonly store: EventStore; replaceBy(other: EventStore): void } {
  let now = first;
  const store: EventStore = {
    get logId() {
      return now.logId;
    },
    append: (...args) => now.append(...args),
    readStream: (...args) => now.readStream(...args),
    readAll: (options) => now.readAll(options),
    head: () => now.head(),
    verifyPlace: (place) => now.verifyPlace(place),
    onAppended: () => () => undefined,
    close: () => Promise.resolve(),
  };
  return { store, replaceBy: (other) => void (now = other) };
}

const tags = async (readModels: ReadModels): Promise<string[]> =>
  (await readModels.reader('tagged').query<{ tag: string }>('tags', 'select tag from tagged order by tag', [])).map((row) => row.tag);

async function* each(events: readonly StoredEvent[]): AsyncGenerator<StoredEvent> {
  for (const event of events) yield await Promise.resolve(event);
}

beforeEach(async () => {
  closing = [];
  views = await postgres.freshDatabase();
});

afterEach(async () => {
  for (const one of closing) await one.close();
});

describe('an older log under read models that are ahead of it', () => {
  it('makes them stand still and say so, also when their positions are taken by other events, until they are rebuilt', async () => {
    const original = await open(await emptyLog());
    await tag(original, 'a', 'b');
    const head = await original.head();
    const { events } = await original.readAll({ after: 0, limit: head.position });
    await tag(original, 'lost-1', 'lost-2');
    const before = readModelsOn(original);
    await eventually(async () => expect(await tags(before)).toEqual(['a', 'b', 'lost-1', 'lost-2']));
    await before.close();

    const place = await emptyLog();
    await restorePostgresLog({ ownerUrl: place.ownerUrl, head, events: each(events) });
    const restored = await open(place);
    const after = readModelsOn(restored);
    const standsStill = async (): Promise<void> => {
      await eventually(async () => expect((await after.troubles()).join()).toMatch(/is not in this log/));
      expect(await tags(after)).toEqual(['a', 'b', 'lost-1', 'lost-2']);
      expect(await after.status()).toMatchObject([{ state: 'live', position: 4, parked: 0, trouble: expect.stringMatching(/^place 4 .* is not in this log/) }]);
    };
    await standsStill();
    await tag(restored, 'c', 'd', 'e');
    expect((await restored.head()).position).toBe(5);
    await standsStill();
    await after.close();
    // Opened anew, where the log has a fourth event again, which is another one.
    const again = readModelsOn(restored);
    await eventually(async () => expect((await again.troubles()).join()).toMatch(/is not in this log/));
    expect(await tags(again)).toEqual(['a', 'b', 'lost-1', 'lost-2']);

    await again.rebuild('tagged');
    await eventually(async () => expect(await tags(again)).toEqual(['a', 'b', 'c', 'd', 'e']));
    await tag(restored, 'f');
    await eventually(async () => expect(await tags(again)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']));
    await eventually(async () => expect(await again.troubles()).toEqual([]));
  });

  it('makes them stand still while they run, also where it has grown beyond their place before they look again', async () => {
    const original = await open(await emptyLog());
    await tag(original, 'a', 'b');
    const head = await original.head();
    const { events } = await original.readAll({ after: 0, limit: head.position });
    await tag(original, 'lost-1', 'lost-2');
    const { store, replaceBy } = replaceable(original);
    const running = readModelsOn(store);
    await eventually(async () => expect(await tags(running)).toEqual(['a', 'b', 'lost-1', 'lost-2']));

    const place = await emptyLog();
    await restorePostgresLog({ ownerUrl: place.ownerUrl, head, events: each(events) });
    const restored = await open(place);
    await tag(restored, 'c', 'd', 'e', 'f');
    replaceBy(restored);
    await eventually(async () => expect((await running.troubles()).join()).toMatch(/place 4 .* is not in this log/));
    expect(await tags(running)).toEqual(['a', 'b', 'lost-1', 'lost-2']);
    await running.rebuild('tagged');
    await eventually(async () => expect(await tags(running)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']));
  });

  it('makes them stand still where the log is another one with the same events, restored under an id of its own', async () => {
    const original = await open(await emptyLog());
    await tag(original, 'a', 'b');
    const head = await original.head();
    const { events } = await original.readAll({ after: 0, limit: head.position });
    const before = readModelsOn(original);
    await eventually(async () => expect(await tags(before)).toEqual(['a', 'b']));
    await before.close();

    const place = await emptyLog();
    await restorePostgresLog({ ownerUrl: place.ownerUrl, head: { ...head, logId: randomUUID() }, events: each(events) });
    const other = await open(place);
    await tag(other, 'c');
    const after = readModelsOn(other);
    await eventually(async () => expect((await after.troubles()).join()).toMatch(new RegExp(`of log ${head.logId}\\) is not in this log: this log is ${other.logId}`)));
    expect(await tags(after)).toEqual(['a', 'b']);
  });
});
