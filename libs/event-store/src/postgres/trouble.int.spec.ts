import { eventually, freePort, postgresForTests, type TestDatabase } from '@annals/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newEvent, newEvents, newStream, readOn } from '../contract-suite/samples.js';
import type { EventStore } from '../event-store.js';
import { migratePostgresLog } from './migrate.js';
import { openPostgresStore } from './store.js';

const postgres = postgresForTests();
let database: TestDatabase;
let opened: EventStore[] = [];

beforeEach(async () => {
  database = await postgres.freshDatabase();
  await migratePostgresLog(database);
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  opened = [];
});

async function open(): Promise<EventStore> {
  const store = await openPostgresStore({ connectionString: database.appUrl });
  opened.push(store);
  return store;
}

async function asSuperuser(sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: postgres.server().url(database.name) });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

const terminate = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'annals log %'`;

describe('a lost connection', () => {
  it('loses and doubles no append, whatever was on its way', async () => {
    const store = await open();
    const streams = Array.from({ length: 60 }, () => newStream());
    let cuts = 0;
    const cutting = (async () => {
      for (; cuts < 8; cuts += 1) await asSuperuser(`${terminate} and pg_sleep(0.02) is not null`);
    })();
    const results: Promise<unknown>[] = [];
    for (let turn = 0; cuts < 8; turn += 1) {
      results.push(...streams.map((stream) => store.append(stream, 'Any', newEvents(1 + (turn % 2)))));
      await Promise.all(results);
    }
    await cutting;
    const events = await readOn(store, 0);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1));
    for (const stream of streams) {
      const own = events.filter((event) => event.stream === stream);
      expect(own.map((event) => event.revision)).toEqual(own.map((_, index) => index));
      expect(own.length).toBe(events.length / streams.length);
    }
  });

  it('does not matter to a store that is idle', async () => {
    const store = await open();
    const stream = newStream();
    await store.append(stream, 'NoStream', newEvents(1));
    await asSuperuser(terminate);
    await expect(store.append(stream, 0, newEvents(1))).resolves.toMatchObject({ revision: 1 });
    await expect(store.readStream(stream)).resolves.toHaveLength(2);
  });

  it('does not end the wake-ups of other processes', async () => {
    const [writer, listener] = [await open(), await open()];
    let woken = 0;
    const end = listener.onAppended(() => (woken += 1));
    for (const cut of [false, true]) {
      if (cut) await asSuperuser(terminate);
      const before = woken;
      await eventually(async () => {
        await writer.append(newStream(), 'NoStream', newEvents(1));
        expect(woken).toBeGreaterThan(before);
      });
    }
    end();
  });
});

describe('a database that does not answer', () => {
  it('is reported in time, and the store serves again once it is back', async () => {
    const store = await openPostgresStore({ connectionString: database.appUrl, retryForMs: 300 });
    opened.push(store);
    const event = newEvent();
    const stream = newStream();
    await asSuperuser(`alter role ${database.appRole} nologin`);
    await asSuperuser(terminate);
    await expect(store.append(stream, 'NoStream', [event])).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(store.readStream(stream)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await asSuperuser(`alter role ${database.appRole} login`);
    await eventually(async () => expect(await store.append(stream, 'NoStream', [event])).toMatchObject({ revision: 0 }));
  });

  it('is reported when a store is opened', async () => {
    const connectionString = `postgres://nobody:secret@127.0.0.1:${await freePort()}/none`;
    const opening = openPostgresStore({ connectionString, retryForMs: 100 });
    await expect(opening).rejects.toMatchObject({ name: 'StoreUnavailable', message: expect.not.stringContaining('secret') });
  });

  it('makes no queue without an end', async () => {
    const store = await openPostgresStore({ connectionString: database.appUrl, retryForMs: 300 });
    opened.push(store);
    await store.append(newStream(), 'NoStream', newEvents(1));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, () =>
        store.append(newStream(), 'NoStream', Array.from({ length: 8 }, () => newEvent({ data: Buffer.alloc(500_000) }))),
      ),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThan(10);
    for (const outcome of refused) expect(outcome.reason).toMatchObject({ name: 'StoreUnavailable' });
  });

  it('lets a store that is closed finish what it was given, and takes no more', async () => {
    const store = await open();
    const stream = newStream();
    const given = Array.from({ length: 50 }, () => store.append(stream, 'Any', newEvents(1)));
    await store.close();
    await expect(Promise.all(given)).resolves.toHaveLength(50);
    await expect(store.append(stream, 'Any', newEvents(1))).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });
});
