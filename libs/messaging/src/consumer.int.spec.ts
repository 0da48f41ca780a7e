import { randomUUID } from 'node:crypto';

import { eventually, kafkaForTests } from '@annals/testing';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';

import { Consumer, ConsumerFailed } from './consumer.js';
import { DeadLetters } from './dead-letters.js';
import { clientOf, readTopic } from './fixtures/topic.js';

const LONG = { withinMs: 60_000, everyMs: 50 };
const TEST_MS = 120_000;
const PARTITIONS = 3;

describe('a member of a consumer group', () => {
  const kafka = kafkaForTests();
  let topic: string;
  let groupId: string;
  let consumers: Consumer[];

  beforeEach(() => {
    topic = `t${randomUUID()}`;
    groupId = `g${randomUUID()}`;
    consumers = [];
  });
  afterEach(() => Promise.all(consumers.map((consumer) => consumer.stop())));

  /** The topic, with so many numbered records on each partition. */
  const write = async (from: number, to: number, size = 0): Promise<void> => {
    const admin = clientOf(kafka.brokers()).admin();
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic)) await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true });
    await admin.disconnect();
    const producer = clientOf(kafka.brokers()).producer();
    await producer.connect();
    for (let n = from; n < to; n += 1) {
      const messages = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, key: String(n), value: Buffer.alloc(size, 0x20) }));
      await producer.send({ topic, messages });
    }
    await producer.disconnect();
  };
  const open = async (wake: () => void = () => undefined): Promise<Consumer> => {
    const consumer = new Consumer({ kafka: clientOf(kafka.brokers()), groupId, topics: [topic], wake });
    consumers.push(consumer);
    await consumer.start();
    return consumer;
  };
  /** Takes and commits until each partition has come so far. */
  const takeUntil = async (members: readonly Consumer[], last: number): Promise<Map<number, number[]>> => {
    const taken = new Map<number, number[]>();
    await eventually(() => {
      for (const member of members) {
        for (const { partition, records } of member.take(4)) {
          taken.set(partition, [...(taken.get(partition) ?? []), ...records.map(({ key }) => Number(key))]);
          member.commit([{ topic, partition, offset: Number(records.at(-1)?.offset) + 1 }]);
        }
      }
      expect([...taken.values()].map((keys) => Math.max(...keys))).toEqual(Array(PARTITIONS).fill(last));
    }, LONG);
    return taken;
  };
  const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

  kafka.it('is given each partition in order, a few records at a time, and goes on after what was committed', async () => {
    await write(0, 10);
    const first = await open();
    expect([...(await takeUntil([first], 9)).values()]).toEqual(Array(PARTITIONS).fill(numbers(0, 10)));
    await first.stop();
    await write(10, 12);
    expect([...(await takeUntil([await open()], 11)).values()]).toEqual(Array(PARTITIONS).fill(numbers(10, 12)));
  }, TEST_MS);

  kafka.it('goes on from where it is told, back or forth', async () => {
    await write(0, 10);
    const consumer = await open();
    await takeUntil([consumer], 9);
    consumer.seek([{ topic, partition: 0, offset: 3 }, { topic, partition: 1, offset: 8 }, { topic, partition: 2, offset: 0 }]);
    const again = await takeUntil([consumer], 9);
    expect([0, 1, 2].map((partition) => again.get(partition)?.[0])).toEqual([3, 8, 0]);
  }, TEST_MS);

  kafka.it('shares the partitions with a second, and takes them back from one that ended, with nothing left out', async () => {
    await write(0, 5);
    const first = await open();
    await takeUntil([first], 4);
    const second = await open();
    await eventually(() => expect([first.assigned.length, second.assigned.length].sort()).toEqual([1, 2]), LONG);
    await write(5, 10);
    const shared = await takeUntil([first, second], 9);
    for (const keys of shared.values()) expect(keys.filter((key, index) => keys.indexOf(key) === index && key >= 5)).toEqual(numbers(5, 10));
    await second.stop();
    await eventually(() => expect(first.assigned).toHaveLength(PARTITIONS), LONG);
    await write(10, 12);
    const alone = await takeUntil([first], 11);
    for (const keys of alone.values()) expect(keys.filter((key) => key >= 10)).toEqual(numbers(10, 12));
  }, TEST_MS);

  kafka.it('holds no more than it may while nobody takes anything', async () => {
    await write(0, 40, 900_000);
    const consumer = await open();
    await eventually(() => expect(consumer.hasMore).toBe(true), LONG);
    await eventually(() => expect(consumer.waitingBytes).toBeGreaterThan(8_000_000), LONG);
    let most = 0;
    const taken = new Set<string>();
    await eventually(() => {
      most = Math.max(most, consumer.waitingBytes);
      for (const { partition, records } of consumer.take(1)) for (const { key } of records) taken.add(`${partition} ${key?.toString()}`);
      expect(taken.size).toBe(40 * PARTITIONS);
    }, LONG);
    expect(most).toBeLessThan(14_000_000);
  }, TEST_MS);

  kafka.itWithOwn('goes on when the broker was killed and has come back', async () => {
    await write(0, 5);
    const consumer = await open();
    await takeUntil([consumer], 4);
    await kafka.kill();
    await kafka.restart();
    await eventually(() => write(5, 8), LONG);
    const again = await takeUntil([consumer], 7);
    for (const keys of again.values()) expect(keys.filter((key, index) => keys.indexOf(key) === index && key >= 5)).toEqual(numbers(5, 8));
  }, TEST_MS);

  kafka.it('says that it has ended where the client gives up, and does not stand still in silence', async () => {
    await write(0, 2);
    let isPlanted = false;
    const consumer = await open(() => {
      // What ends the client for good when it is thrown under it.
      if (!isPlanted) return;
      isPlanted = false;
      throw new TypeError('planted');
    });
    await takeUntil([consumer], 1);
    isPlanted = true;
    await write(2, 3);
    await eventually(() => expect(() => consumer.take(1)).toThrow(ConsumerFailed), LONG);
  }, TEST_MS);

  kafka.it('leaves a notice of what could not be handled on a topic of its own', async () => {
    await write(0, 1);
    const letters = new DeadLetters(clientOf(kafka.brokers()), 'spec.card');
    letters.leave([{ topic, subject: `${topic}/1/7`, reason: 'it has no key', place: { topic, partition: 1, offset: 7 }, attempts: 1 }]);
    await letters.close();
    const [notices] = [...(await readTopic(clientOf(kafka.brokers()), `${topic}.dead.spec.card`)).values()];
    expect(notices?.map(({ key, value, headers }) => [key?.toString(), value, Object.fromEntries(Object.entries(headers ?? {}).map(([name, header]) => [name, String(header)]))])).toEqual([
      [`${topic}/1/7`, null, { annals_reason: 'it has no key', annals_attempts: '1', annals_topic: topic, annals_partition: '1', annals_offset: '7' }],
    ]);
    expect(letters.dropped).toBe(0);
  }, TEST_MS);
});
