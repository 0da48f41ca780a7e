import { randomUUID } from 'node:crypto';

import type { AnnalsEvent } from '@annals/contracts';
import { openMemoryStore, type EventStore } from '@annals/event-store';
import { EventTopics, Relay, topicOf } from '@annals/messaging';
import { createEventCodec, createIdentities, memoryKeyStore, type EventCodec } from '@annals/sealing';
import { eventually, kafkaForTests, postgresForTests } from '@annals/testing';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import pg from 'pg';

import { cancelled, metadata, recorded, tally, type Kind } from './fixtures/tally.js';
import { NotYetVisible, ReadModels, type Happening, type ReadModelsOptions } from './index.js';

const LONG = { withinMs: 60_000, everyMs: 50 };
const TEST_MS = 180_000;
const PARTITIONS = 3;

describe('read models fed from Kafka', () => {
  const postgres = postgresForTests();
  const kafka = kafkaForTests();
  let connectionString: string;
  let leaseUrl: string;
  let prefix: string;
  let store: EventStore;
  let codec: EventCodec;
  let closing: (() => Promise<unknown>)[];
  let happened: Happening[];

  beforeEach(async () => {
    connectionString = (await postgres.freshDatabase()).ownerUrl;
    leaseUrl = (await postgres.freshDatabase()).ownerUrl;
    prefix = `t${randomUUID()}`;
    store = openMemoryStore();
    codec = createEventCodec({ identities: createIdentities(Buffer.alloc(32, 1)), keys: memoryKeyStore(Buffer.alloc(32, 2)) });
    closing = [];
    happened = [];
  });
  afterEach(async () => {
    for (const close of closing.toReversed()) await close();
  });

  const topic = (): string => topicOf('transactions', prefix).name;
  const topics = (): EventTopics => new EventTopics(kafka.client(), 'spec', { prefix, partitions: PARTITIONS, brokers: [kafka.brokers()] });
  const relay = (): Relay => {
    const one = new Relay({ store, kafka: kafka.client(), topic: topicOf('transactions', prefix), layout: { partitions: PARTITIONS, replicationFactor: 1, minInSyncReplicas: 1 }, leaseUrl, report: () => undefined });
    one.start();
    closing.push(() => one.stop());
    return one;
  };
  const open = (model = tally(), options: Partial<ReadModelsOptions> = {}): ReadModels => {
    const readModels = new ReadModels({ connectionString, store, codec, models: [model], topics: topics(), report: (happening) => void happened.push(happening), ...options });
    closing.push(() => readModels.close());
    readModels.start();
    return readModels;
  };
  const append = async (stream: string, event: AnnalsEvent): Promise<void> => {
    await store.append(stream, 'Any', (await codec.encode(stream, [event], metadata())).events);
  };
  const record = async (kind: Kind = 'invoice', stream = `transaction-${randomUUID()}`): Promise<string> => {
    await append(stream, recorded(kind));
    return stream;
  };
  const several = async (n: number, kind: Kind = 'invoice'): Promise<string[]> => {
    const streams: string[] = [];
    for (let each = 0; each < n; each += 1) streams.push(await record(kind));
    return streams;
  };
  const counts = async (readModels: ReadModels): Promise<Record<string, number>> => {
    const rows = await readModels.reader('tally').query<{ kind: string; count: string }>('tally', 'select kind, count from tally', []);
    return Object.fromEntries(rows.map(({ kind, count }) => [kind, Number(count)]));
  };
  const shows = (readModels: ReadModels, expected: Record<string, number>): Promise<unknown> => eventually(async () => expect(await counts(readModels)).toEqual(expected), LONG);
  const sql = async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  };
  /** It stands at the head of the log, and has since what came last was published. */
  const standsAtHead = async (readModels: ReadModels): Promise<void> => {
    const { position } = await store.head();
    await eventually(async () => expect((await readModels.status())[0]).toMatchObject({ state: 'live', position, lag: 0, parked: 0 }), LONG);
  };
  const digestFromLog = async (): Promise<string> => {
    const fresh = (await postgres.freshDatabase()).ownerUrl;
    const readModels = new ReadModels({ connectionString: fresh, store, codec, models: [tally()] });
    closing.push(() => readModels.close());
    readModels.start();
    await standsAtHead(readModels);
    return await readModels.digest('tally');
  };
  const admin = async (work: (one: ReturnType<ReturnType<typeof kafka.client>['admin']>) => Promise<unknown>): Promise<void> => {
    const one = kafka.client().admin();
    await one.connect();
    await work(one).finally(() => one.disconnect());
  };
  const groupOf = async (): Promise<string> => `${prefix}.spec.tally.${(await sql<{ generation: string }>('select generation from tally.place'))[0]?.generation}`;

  kafka.it('show what is published, keep up with it, and hold what those fed from the log hold', async () => {
    const streams = await several(30);
    relay();
    const readModels = open();
    await shows(readModels, { invoice: 30 });
    await standsAtHead(readModels);
    for (const stream of streams.slice(0, 5)) await append(stream, cancelled);
    await readModels.waitFor('tally', streams[4] ?? '', 1);
    await record('payment');
    await shows(readModels, { invoice: 25, payment: 1 });
    await standsAtHead(readModels);
    expect(await readModels.troubles()).toEqual([]);
    expect(await readModels.digest('tally')).toBe(await digestFromLog());
    expect(happened.filter(({ level }) => level !== 'info')).toEqual([]);
  }, TEST_MS);

  kafka.it('come to no harm by offsets of their group that were set back, or ahead, or are lost', async () => {
    relay();
    await several(20);
    const seen: number[] = [];
    const inspected = tally(1, ({ position }) => seen.push(position));
    const change = async (moved: (one: Parameters<Parameters<typeof admin>[0]>[0], groupId: string) => Promise<unknown>): Promise<void> => {
      const first = open(inspected);
      await standsAtHead(first);
      await first.close();
      await several(10);
      const groupId = await groupOf();
      await admin((one) => moved(one, groupId));
    };
    // To the ends as they are now: none of the ten that were written last would come.
    await change((one, groupId) => eventually(async () => {
      const ends = await one.fetchTopicOffsets(topic());
      expect(ends.reduce((sum, { high }) => sum + Number(high), 0)).toBe(30);
      await one.setOffsets({ groupId, topic: topic(), partitions: ends.map(({ partition, high: offset }) => ({ partition, offset })) });
    }, LONG));
    await change((one, groupId) => one.setOffsets({ groupId, topic: topic(), partitions: [0, 1, 2].map((partition) => ({ partition, offset: '0' })) }));
    await change((one, groupId) => one.deleteGroups([groupId]));
    const last = open(inspected);
    await shows(last, { invoice: 50 });
    await standsAtHead(last);
    // A build reads the log, once; from Kafka each event is applied once.
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(await last.digest('tally')).toBe(await digestFromLog());
  }, TEST_MS);

  kafka.it('read from the log what is missing on a topic, and go on', async () => {
    const publishing = relay();
    await several(5);
    const readModels = open();
    await standsAtHead(readModels);
    await publishing.stop();
    await several(15);
    // The topic is made anew and begins with what comes now: nothing on it says what was before, but that there was something.
    await admin(async (one) => {
      await one.deleteTopics({ topics: [topic()] });
      await eventually(async () => expect(await one.listTopics()).not.toContain(topic()), LONG);
    });
    relay();
    await several(5);
    await shows(readModels, { invoice: 25 });
    await standsAtHead(readModels);
  }, TEST_MS);

  kafka.it('are shared by instances, which take over from one another, and nothing is applied twice or left out', async () => {
    relay();
    const applied: Record<string, number> = { first: 0, second: 0 };
    const counting = (name: string) => tally(1, () => (applied[name] = (applied[name] ?? 0) + 1));
    const first = open(counting('first'));
    await several(5);
    await standsAtHead(first);
    const second = open(counting('second'));
    await eventually(async () => {
      const stream = await record();
      await second.waitFor('tally', stream, 0);
      await first.waitFor('tally', stream, 0);
      expect(Math.min(...Object.values(applied))).toBeGreaterThan(0);
    }, LONG);
    await several(50);
    const stopping = first.close();
    await several(50);
    await stopping;
    await several(5);
    await standsAtHead(second);
    expect(await counts(second)).toEqual({ invoice: (await store.head()).position });
    expect(await second.digest('tally')).toBe(await digestFromLog());
  }, TEST_MS);

  kafka.it('lose a batch whose place another has moved, and drop what that one has handled', async () => {
    const publishing = relay();
    const readModels = open();
    await several(3);
    await standsAtHead(readModels);
    const handledAll = async (relayed: Relay): Promise<void> => {
      const { position } = await store.head();
      await eventually(async () => {
        expect(relayed.position).toBe(position);
        expect((await readModels.status())[0]?.topics).toEqual([{ name: topic(), lag: 0 }]);
      }, LONG);
    };
    await handledAll(publishing);
    await publishing.stop();
    await several(4);
    // As if another had handled these before they come: by its places alone this one finds out.
    const { position, eventId } = await store.head();
    await sql('update tally.partition_place set position = $1, event_id = $2, turn = turn + 1', [position, eventId]);
    const again = relay();
    await record('payment');
    await handledAll(again);
    expect(await counts(readModels)).toEqual({ invoice: 3, payment: 1 });
    await standsAtHead(readModels);
    expect(happened.filter(({ level }) => level !== 'info')).toEqual([]);
  }, TEST_MS);

  kafka.it('are rebuilt from the log beside what is live, which goes on from Kafka where it was', async () => {
    relay();
    const seen: number[] = [];
    await several(20);
    const readModels = open(tally(1, ({ position }) => seen.push(position)), { pageEvents: 7 });
    await standsAtHead(readModels);
    const [{ generation } = { generation: '' }] = await readModels.status();
    await readModels.rebuild('tally');
    const writing = several(40);
    await eventually(async () => expect((await readModels.status()).map((row) => [row.state, row.generation === generation])).toEqual([['live', false]]), LONG);
    await writing;
    const stream = await record();
    await readModels.waitFor('tally', stream, 0);
    await standsAtHead(readModels);
    expect(await counts(readModels)).toEqual({ invoice: 61 });
    expect(await readModels.digest('tally')).toBe(await digestFromLog());
    // What the build had was dropped, and what was on the topics before it was not read again.
    seen.length = 0;
    await several(10);
    await standsAtHead(readModels);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, index) => 62 + index));
  }, TEST_MS);

  kafka.it('park a stream whose event the handler cannot take, and apply it when asked once it can', async () => {
    relay();
    const poisoned = await record('order');
    let isBroken = true;
    const readModels = open(tally(1, ({ stream }) => {
      if (isBroken && stream === poisoned) throw new TypeError('no such thing');
    }));
    await several(10);
    await shows(readModels, { invoice: 10 });
    await append(poisoned, cancelled);
    await eventually(async () => expect((await readModels.status())[0]).toMatchObject({ position: 12, lag: 0, parked: 1 }), LONG);
    await expect(readModels.waitFor('tally', poisoned, 1)).rejects.toBeInstanceOf(NotYetVisible);
    isBroken = false;
    readModels.retryParked('tally');
    await standsAtHead(readModels);
    await several(5);
    await shows(readModels, { invoice: 15, order: 0 });
    expect(await readModels.digest('tally')).toBe(await digestFromLog());
  }, TEST_MS);

  kafka.it('list what is none of the log on a topic, and nothing else is held up by it', async () => {
    relay();
    await several(6);
    const readModels = open();
    await standsAtHead(readModels);
    const producer = kafka.client().producer();
    await producer.connect();
    const messages = [0, 1, 2].flatMap((partition) => [{ partition, key: null, value: 'no key' }, { partition, key: `transaction-${randomUUID()}`, value: '{' }, { partition, key: 'x', value: null }]);
    await producer.send({ topic: topic(), messages });
    await producer.disconnect();
    await several(6);
    await shows(readModels, { invoice: 12 });
    await standsAtHead(readModels);
    expect((await readModels.status())[0]).toMatchObject({ refused: 9, topics: [{ name: topic(), lag: 0 }] });
    const refused = (): Promise<{ reason: string; n: number }[]> => sql('select reason, count(*)::int as n from tally.refused group by reason order by reason');
    expect(await refused()).toEqual([{ reason: 'it has no ce_subject', n: 3 }, { reason: 'it has no key', n: 3 }, { reason: 'it has no value', n: 3 }]);
    expect(await readModels.digest('tally')).toBe(await digestFromLog());
    await admin((one) => eventually(async () => expect(await one.fetchTopicOffsets(`${topic()}.dead.spec.tally`)).toMatchObject([{ high: '9' }]), LONG));
  }, TEST_MS);

  kafka.it('stand still where the log is another than the one that they were read from, and say where', async () => {
    const publishing = relay();
    await several(9);
    const readModels = open();
    await standsAtHead(readModels);
    await readModels.close();
    await publishing.stop();
    store = openMemoryStore({ logId: store.logId });
    await several(4, 'order');
    const restored = open();
    await eventually(async () => expect((await restored.troubles()).join()).toMatch(/place 9 .* is not in this log/), LONG);
    expect(await counts(restored)).toEqual({ invoice: 9 });
  }, TEST_MS);

  kafka.itWithOwn('wait for a broker that was killed, and go on when it is back', async () => {
    relay();
    await several(5);
    const readModels = open();
    await standsAtHead(readModels);
    await kafka.kill();
    await several(5);
    await kafka.restart();
    await standsAtHead(readModels);
    await eventually(async () => expect(await readModels.troubles()).toEqual([]), LONG);
    expect(await counts(readModels)).toEqual({ invoice: 10 });
  }, TEST_MS);

  kafka.it('can be fed from the log after that, and from Kafka again', async () => {
    relay();
    await several(5);
    const first = open();
    await standsAtHead(first);
    await first.close();
    await several(5);
    const fromLog = new ReadModels({ connectionString, store, codec, models: [tally()] });
    closing.push(() => fromLog.close());
    fromLog.start();
    await standsAtHead(fromLog);
    await fromLog.close();
    await several(5);
    const again = open();
    await shows(again, { invoice: 15 });
    await standsAtHead(again);
  }, TEST_MS);
});
