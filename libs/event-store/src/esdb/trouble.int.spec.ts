import { randomUUID } from 'node:crypto';
import { EventStoreDbDouble, eventually, type EventStoreDbDoubleOptions, type KeptEvent } from '@annals/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { newEvent, newEvents, newStream, readOn } from '../contract-suite/samples.js';
import type { EventStore } from '../event-store.js';
import { subscribe } from '../subscription.js';
import type { EventStoreDbOptions } from './connection.js';
import { openEventStoreDb } from './store.js';

const LONG_MS = 60_000;
let double: EventStoreDbDouble;
let opened: EventStore[] = [];

async function open(options: Partial<EventStoreDbOptions> = {}): Promise<EventStore> {
  const store = await openEventStoreDb({ connectionString: double.url, ...options });
  opened.push(store);
  return store;
}

async function started(options: EventStoreDbDoubleOptions = {}): Promise<EventStore> {
  double = await EventStoreDbDouble.start(options);
  return open();
}

/** How often the server holds each id. */
const copies = (ids: readonly string[]): number[] => ids.map((id) => double.log.all.filter((event) => event.id === id).length);

afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  opened = [];
  double.stop();
});

describe('a server that is not there', () => {
  it('is waited for at the start, and told of in a sentence when it does not come', async () => {
    double = await EventStoreDbDouble.start();
    double.proxy.away();
    const troubles: Error[] = [];
    await expect(open({ retryForMs: 2_000, onTrouble: (error) => troubles.push(error) })).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: expect.stringMatching(/^EventStoreDB does not answer: .*ECONNREFUSED/),
    });
    expect(troubles.length).toBeGreaterThan(1);
    const opening = open({ retryForMs: LONG_MS, onTrouble: (error) => troubles.push(error) });
    const before = troubles.length;
    await eventually(() => expect(troubles.length).toBeGreaterThan(before));
    await double.proxy.back();
    await expect((await opening).head()).resolves.toMatchObject({ position: 0 });
  }, LONG_MS);

  it('fails reads and appends in time, and no longer than it is away', async () => {
    await started();
    const hasty = await open({ retryForMs: 100 });
    const stream = newStream();
    await hasty.append(stream, 'NoStream', newEvents(1));
    double.proxy.away();
    await expect(hasty.head()).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(hasty.append(stream, 0, newEvents(1))).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await double.proxy.back();
    const patient = await open({ retryForMs: LONG_MS });
    await expect(patient.append(stream, 0, newEvents(1))).resolves.toMatchObject({ revision: 1 });
  }, LONG_MS);
});

describe('a lost answer', () => {
  it.each([
    ['appends of many on one call', true],
    ['an append on a call of its own, as to servers before 21.10', false],
  ])('writes what was asked once: %s', async (_, batchAppend) => {
    const store = await started({ batchAppend });
    const stream = newStream();
    const [first, second] = [newEvents(2), newEvents(3)];
    double.loseAnswers(2);
    await expect(store.append(stream, 'NoStream', first)).resolves.toMatchObject({ revision: 1, repeated: false });
    double.loseAnswers(1);
    await expect(store.append(stream, 'Any', second)).resolves.toMatchObject({ revision: 4, repeated: false });
    await expect(store.append(stream, 'Any', first)).resolves.toMatchObject({ revision: 1, repeated: true });
    expect(copies([...first, ...second].map(({ id }) => id))).toEqual([1, 1, 1, 1, 1]);
  }, LONG_MS);

  it('loses and doubles nothing of what many callers send while connections break', async () => {
    const store = await started();
    const streams = Array.from({ length: 10 }, () => newStream());
    const ids: string[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      const appends = streams.map((stream) => {
        const events = newEvents(2);
        ids.push(...events.map(({ id }) => id));
        return store.append(stream, 'Any', events);
      });
      double.loseAnswers(turn % 3);
      if (turn % 2 === 0) setImmediate(() => double.proxy.cut());
      await Promise.all(appends);
    }
    expect(copies(ids)).toEqual(ids.map(() => 1));
    for (const stream of streams) expect((await store.readStream(stream)).map(({ revision }) => revision)).toEqual(Array.from({ length: 16 }, (_, index) => index));
  }, LONG_MS);

  it('is found again when the server has long forgotten the ids', async () => {
    const store = await started();
    const stream = newStream();
    const events = newEvents(2);
    const first = await store.append(stream, 'NoStream', events);
    for (let turn = 0; turn < 6; turn += 1) await store.append(stream, 'Exists', newEvents(10));
    await store.close();
    const later = await open();
    for (const expected of ['Any', 'Exists', 'NoStream', 61] as const) {
      await expect(later.append(stream, expected, events)).resolves.toEqual({ ...first, repeated: true });
    }
    expect(copies(events.map(({ id }) => id))).toEqual([1, 1]);
  }, LONG_MS);
});

describe('a server that does not answer', () => {
  it('is asked again on a new connection, appended to once, and read from', async () => {
    await started();
    const troubles: Error[] = [];
    const store = await open({ answerMs: 200, retryForMs: LONG_MS, onTrouble: (error) => troubles.push(error) });
    const stream = newStream();
    const events = newEvents(1);
    const release = double.proxy.hold();
    const appending = store.append(stream, 'NoStream', events);
    await eventually(() => expect(troubles.length).toBeGreaterThan(1));
    release();
    await expect(appending).resolves.toMatchObject({ revision: 0, repeated: false });
    expect(copies(events.map(({ id }) => id))).toEqual([1]);
    const again = double.proxy.hold();
    const before = troubles.length;
    const reading = store.readStream(stream);
    await eventually(() => expect(troubles.length).toBeGreaterThan(before));
    again();
    await expect(reading).resolves.toHaveLength(1);
  }, LONG_MS);
});

describe('a dropped subscription', () => {
  it('goes on by itself, and every event is delivered once and in order', async () => {
    const store = await started();
    const seen: string[] = [];
    const from = await store.head();
    const subscription = subscribe({ store, from, handle: async ({ events }) => void seen.push(...events.map(({ id }) => id)), batchSize: 5 });
    const stream = newStream();
    for (let turn = 0; turn < 10; turn += 1) {
      await store.append(stream, 'Any', newEvents(3));
      double.proxy.cut();
    }
    await eventually(() => expect(seen).toHaveLength(30), { withinMs: 30_000 });
    expect(seen).toEqual((await readOn(store, 0)).map(({ id }) => id));
    await subscription.stop();
  }, LONG_MS);

  it('wakes for what other processes append, also after it was dropped', async () => {
    const store = await started();
    let woken = 0;
    const end = store.onAppended(() => (woken += 1));
    const isWoken = (times: number): Promise<unknown> => eventually(() => expect(woken).toBe(times), { withinMs: 30_000 });
    // Another process: it knows nothing of this store.
    const append = (): unknown => double.log.append(newStream(), -1, [{ ...newEvent(), contentType: 'application/octet-stream' }]);
    // By the subscription's beginning, for what came before it.
    await isWoken(1);
    append();
    await isWoken(2);
    double.proxy.cut();
    append();
    await isWoken(3);
    append();
    await isWoken(4);
    end();
  }, LONG_MS);
});

describe('a log in EventStoreDB', () => {
  it('keeps its id, whoever opens it first', async () => {
    double = await EventStoreDbDouble.start();
    const stores = await Promise.all(Array.from({ length: 5 }, () => open()));
    expect(new Set(stores.map(({ logId }) => logId)).size).toBe(1);
    expect(double.log.stream('annals')).toHaveLength(1);
  });

  it('is not taken for another that answers at the same address', async () => {
    const store = await started();
    await store.append(newStream(), 'NoStream', newEvents(1));
    const kept = double.log.stream('annals')[0];
    double.proxy.cut();
    if (kept === undefined) throw new Error('there is no id');
    Object.assign(kept, { data: Buffer.from(JSON.stringify({ format: 1, logId: randomUUID() })) });
    await expect(store.append(newStream(), 'NoStream', newEvents(1)).then(() => store.head())).rejects.toMatchObject({
      name: 'UnreadableLog',
      message: expect.stringContaining('start again'),
    });
  });

  it('is believed as it is when an older backup of it has come back', async () => {
    const store = await started();
    const stream = newStream();
    await store.append(stream, 'NoStream', newEvents(3));
    const kept = double.log.stream(stream) as KeptEvent[];
    double.log.all.splice(double.log.all.indexOf(kept[2] as KeptEvent), 1);
    kept.pop();
    double.proxy.cut();
    await expect(store.append(stream, 1, newEvents(1))).resolves.toMatchObject({ revision: 2, repeated: false });
  });

  it('is refused in another format', async () => {
    double = await EventStoreDbDouble.start();
    const data = Buffer.from('{"format":2}');
    double.log.append('annals', -1, [{ id: randomUUID(), type: 'LogCreated', contentType: 'application/octet-stream', data, metadata: Buffer.alloc(0) }]);
    await expect(open()).rejects.toMatchObject({ name: 'UnreadableLog', message: expect.stringContaining('format 2') });
  });

  it('refuses an event that somebody else wrote to a stream of its own', async () => {
    const store = await started();
    const stream = newStream();
    double.log.append(stream, -1, [{ ...newEvent(), contentType: 'application/json' }]);
    await expect(store.readStream(stream)).rejects.toMatchObject({ name: 'UnreadableLog', message: `event 0 of ${stream} was not written by Annals` });
    await expect(store.readAll({ after: 0 })).rejects.toMatchObject({ name: 'UnreadableLog' });
  });

  it('names the setting by which a server takes a large append', async () => {
    const store = await started();
    const large = Array.from({ length: 4 }, () => newEvent({ data: Buffer.alloc(500 * 1024) }));
    await expect(store.append(newStream(), 'NoStream', large)).rejects.toMatchObject({ name: 'AppendTooLarge', message: expect.stringContaining('MaxAppendSize') });
    await expect(store.append(newStream(), 'NoStream', newEvents(1))).resolves.toMatchObject({ revision: 0 });
  });

  it('is one of a process, and its connection string is not told', async () => {
    await started();
    await expect(openEventStoreDb({ connectionString: 'esdb://somebody:secret@127.0.0.1:1?tls=false' })).rejects.toThrow('another EventStoreDB open');
    await Promise.all(opened.splice(0).map((store) => store.close()));
    for (const connectionString of ['esdb://somebody:secret@', 'esdb://somebody:secret@host:port']) {
      const failure: unknown = await openEventStoreDb({ connectionString }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(RangeError);
      expect(String(failure)).not.toContain('secret');
    }
  });
});
