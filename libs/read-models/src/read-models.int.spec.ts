import { randomUUID } from 'node:crypto';

import type { AnnalsEvent } from '@annals/contracts';
import { openMemoryStore, type EventStore } from '@annals/event-store';
import { createEventCodec, createIdentities, memoryKeyStore, type EventCodec } from '@annals/sealing';
import { eventually, postgresForTests } from '@annals/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { cancelled, metadata, recorded, tally, type Kind } from './fixtures/tally.js';
import { NotYetVisible, ReadModels, ReadModelUnavailable, UnknownReadModel, type Happening, type ReadModelsOptions } from './index.js';

describe('ReadModels', () => {
  const postgres = postgresForTests();
  let connectionString: string;
  let store: EventStore;
  let codec: EventCodec;
  let opened: ReadModels[];
  let happened: Happening[];

  beforeEach(async () => {
    connectionString = (await postgres.freshDatabase()).ownerUrl;
    store = openMemoryStore();
    codec = createEventCodec({ identities: createIdentities(Buffer.alloc(32, 1)), keys: memoryKeyStore(Buffer.alloc(32, 2)) });
    opened = [];
    happened = [];
  });

  afterEach(async () => {
    await Promise.all(opened.map((one) => one.close()));
  });

  const open = (model = tally(), options: Partial<ReadModelsOptions> = {}): ReadModels => {
    const report = (happening: Happening): void => void happened.push(happening);
    const readModels = new ReadModels({ connectionString, store, codec, models: [model], report, ...options });
    opened.push(readModels);
    readModels.start();
    return readModels;
  };

  const append = async (stream: string, event: AnnalsEvent): Promise<string> => {
    const { events } = await codec.encode(stream, [event], metadata());
    const { revision } = await store.append(stream, 'Any', events);
    return `${stream}@${revision}`;
  };

  const record = async (kind: Kind = 'invoice'): Promise<string> => {
    const stream = `transaction-${randomUUID()}`;
    await append(stream, recorded(kind));
    return stream;
  };

  const counts = async (readModels: ReadModels): Promise<Record<string, number>> => {
    const rows = await readModels.reader('tally').query<{ kind: string; count: string }>('tally', 'select kind, count from tally', []);
    return Object.fromEntries(rows.map(({ kind, count }) => [kind, Number(count)]));
  };

  const shows = (readModels: ReadModels, expected: Record<string, number>): Promise<unknown> =>
    eventually(async () => expect(await counts(readModels)).toEqual(expected));

  const sql = async (text: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };

  it('shows what is in the log, and then what is appended to it', async () => {
    const stream = await record();
    const readModels = open();
    await shows(readModels, { invoice: 1 });
    await record('payment');
    await append(stream, cancelled);
    await readModels.waitFor('tally', stream, 1);
    expect(await counts(readModels)).toEqual({ invoice: 0, payment: 1 });
    await eventually(async () => expect(await readModels.troubles()).toEqual([]));
    expect(await readModels.status()).toEqual([
      { name: 'tally', generation: expect.stringMatching(/^[0-9a-f]{12}-1$/), state: 'live', position: 3, lag: 0, parked: 0, refused: 0, topics: [], sizeBytes: expect.any(Number), trouble: null },
    ]);
  });

  it('goes on where it was when it is opened again, and applies nothing twice', async () => {
    const stream = await record();
    await shows(open(), { invoice: 1 });
    await opened[0]?.close();
    await append(stream, cancelled);
    const last = await record();
    const seen: number[] = [];
    const again = open(tally(1, ({ position }) => seen.push(position)));
    await again.waitFor('tally', last, 0);
    expect(await counts(again)).toEqual({ invoice: 1 });
    expect(seen.sort()).toEqual([2, 3]);
  });

  it('rebuilds beside what is live, to the same digest, while readers read', async () => {
    for (let n = 0; n < 40; n++) await record(n % 2 === 0 ? 'invoice' : 'order');
    const readModels = open(tally(), { pageEvents: 3 });
    await shows(readModels, { invoice: 20, order: 20 });
    const before = await readModels.digest('tally');
    await readModels.rebuild('tally');
    const reads: number[] = [];
    await eventually(
      async () => {
        reads.push((await counts(readModels))['invoice'] ?? 0);
        expect((await readModels.status()).map(({ generation, state }) => `${state} ${generation.split('-')[1]}`)).toEqual(['live 2']);
      },
      { everyMs: 1 },
    );
    expect(new Set(reads)).toEqual(new Set([20]));
    expect(await readModels.digest('tally')).toBe(before);
    await record('order');
    await shows(readModels, { invoice: 20, order: 21 });
    await eventually(async () => expect(await sql(`select nspname from pg_namespace where nspname like 'tally%'`)).toEqual([{ nspname: 'tally' }]));
  });

  it('says where it stands at any moment, while generations come and go', async () => {
    await record();
    const readModels = open();
    await shows(readModels, { invoice: 1 });
    let rebuilds = 0;
    const statuses = new Set<string>();
    for (let asked = 0; rebuilds < 8 && asked < 20_000; asked += 1) {
      const states = (await readModels.status()).map(({ state }) => state).join();
      statuses.add(states);
      if (states === 'live') await readModels.rebuild('tally').then(() => (rebuilds += 1));
    }
    expect([rebuilds, statuses.has('live')]).toEqual([8, true]);
  });

  it('builds a generation of its own when the code has changed, and the old code stops', async () => {
    await record();
    const old = open();
    await shows(old, { invoice: 1 });
    const next = open(tally(2));
    await eventually(async () => expect(await next.troubles()).toEqual([]));
    await record();
    await shows(next, { invoice: 2 });
    await eventually(async () => expect((await old.troubles()).join()).toMatch(/fed by other code/));
    expect((await next.status()).map(({ generation }) => generation.split('-')[1])).toEqual(['2']);
  });

  it('takes up a build that was interrupted, and makes the indexes for readers at its end', async () => {
    const indexed = (schema: string): Promise<Record<string, unknown>[]> =>
      sql(`select indexdef from pg_indexes where schemaname = '${schema}' and indexdef like '%(count, kind)%'`);
    for (let n = 0; n < 30; n++) await record();
    const positions: number[] = [];
    const slow = open(tally(1, ({ position }) => positions.push(position)), { pageEvents: 1 });
    await eventually(() => positions.length >= 5, { everyMs: 1 });
    await slow.close();
    const interrupted = positions.length;
    expect(interrupted).toBeLessThan(30);
    expect(await indexed('tally_building')).toEqual([]);
    await shows(open(tally(1, ({ position }) => positions.push(position))), { invoice: 30 });
    expect(positions.slice(interrupted - 1)[0]).toBeGreaterThan(4);
    expect((await opened[1]?.status())?.[0]?.generation).toMatch(/-1$/);
    expect(await indexed('tally')).toHaveLength(1);
  });

  it('parks a stream whose event the handler cannot take, goes on with all others, and applies it once it can', async () => {
    const poisoned = await record('order');
    const broken = open(
      tally(1, ({ stream }) => {
        if (stream === poisoned) throw new TypeError('no such thing');
      }),
    );
    for (let n = 0; n < 10; n++) await record();
    await append(poisoned, cancelled);
    await record('payment');
    await shows(broken, { invoice: 10, payment: 1 });
    expect((await broken.status())[0]).toMatchObject({ position: 13, lag: 0, parked: 1 });
    await expect(broken.waitFor('tally', poisoned, 1)).rejects.toBeInstanceOf(NotYetVisible);
    expect(happened.filter(({ level }) => level === 'warn').map(({ detail }) => detail)).toEqual(['TypeError: no such thing']);
    await broken.close();

    const healed = open();
    await shows(healed, { invoice: 10, payment: 1, order: 0 });
    expect((await healed.status())[0]).toMatchObject({ position: 13, parked: 0 });
  });

  it('parks a stream with an event that cannot be read, and retries it when asked', async () => {
    const stream = await record('order');
    const broken = { id: randomUUID(), type: 'TransactionCancelled', version: 9, data: Buffer.from('{}'), metadata: Buffer.from('{}') };
    await store.append(stream, 'Any', [broken]);
    const readModels = open(tally(), { mostParked: 0 });
    await record();
    await shows(readModels, { order: 1, invoice: 1 });
    expect((await readModels.status())[0]).toMatchObject({ parked: 1, lag: 0 });
    await eventually(async () => expect((await readModels.troubles()).join()).toMatch(/parked 1 streams/));
    // As if newer code could read it.
    const { decodeEach } = codec;
    codec.decodeEach = (events) => decodeEach(events.filter(({ version }) => version === 1));
    readModels.retryParked('tally');
    await eventually(async () => expect((await readModels.status())[0]).toMatchObject({ parked: 0 }));
    await eventually(async () => expect(await readModels.troubles()).toEqual([]));
  });

  it('has one leader, and another takes over when it ends', async () => {
    const seen: string[] = [];
    const first = open(tally(1, () => seen.push('first')));
    await record();
    await shows(first, { invoice: 1 });
    await record();
    // Applied to what is live: from here on it is the first that leads.
    await shows(first, { invoice: 2 });
    const second = open(tally(1, () => seen.push('second')));
    const stream = await record();
    await second.waitFor('tally', stream, 0);
    expect(seen).toEqual(['first', 'first', 'first']);
    await first.close();
    await record();
    await shows(second, { invoice: 4 });
    expect(seen).toEqual(['first', 'first', 'first', 'second']);
  });

  it('is built by one of several that start at once, and all of them are ready then', async () => {
    for (let n = 0; n < 20; n++) await record();
    const several = [open(tally(), { pageEvents: 1 }), open(tally(), { pageEvents: 1 }), open(tally(), { pageEvents: 1 })];
    for (const one of several) {
      await shows(one, { invoice: 20 });
      await eventually(async () => expect(await one.troubles()).toEqual([]));
    }
    expect((await several[0]?.status())?.map(({ generation }) => generation.split('-')[1])).toEqual(['1']);
    await several[2]?.rebuild('tally');
    await eventually(async () => expect((await several[0]?.status())?.map(({ generation }) => generation.split('-')[1])).toEqual(['2']));
    await record();
    for (const one of several) {
      await shows(one, { invoice: 21 });
      await eventually(async () => expect(await one.troubles()).toEqual([]));
    }
    expect(happened.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('survives the loss of its connections, and parks nothing for it', async () => {
    const readModels = open();
    await record();
    await shows(readModels, { invoice: 1 });
    await sql('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()');
    await record();
    await eventually(async () => expect(await counts(readModels)).toEqual({ invoice: 2 }));
    expect((await readModels.status())[0]).toMatchObject({ parked: 0 });
  });

  it('refuses a place that the log does not hold, until it is rebuilt', async () => {
    await record();
    await record('order');
    await shows(open(), { invoice: 1, order: 1 });
    await opened[0]?.close();
    store = openMemoryStore({ logId: store.logId });
    await record('payment');
    const restored = open();
    await eventually(async () => expect((await restored.troubles()).join()).toMatch(/is not in this log/));
    expect(await counts(restored)).toEqual({ invoice: 1, order: 1 });
    await restored.rebuild('tally');
    await shows(restored, { payment: 1 });
    await record('payment');
    await shows(restored, { payment: 2 });
  });

  it('makes a reader wait no longer than it says', async () => {
    const readModels = open();
    await shows(readModels, {});
    await expect(readModels.waitFor('tally', `transaction-${randomUUID()}`, 0)).rejects.toBeInstanceOf(NotYetVisible);
  });

  it('says what is not there', async () => {
    const readModels = new ReadModels({ connectionString, store, codec, models: [tally()] });
    opened.push(readModels);
    await expect(counts(readModels)).rejects.toBeInstanceOf(ReadModelUnavailable);
    expect(() => readModels.reader('other')).toThrow(UnknownReadModel);
  });
});
