import { randomUUID } from 'node:crypto';

import type { Admin, Kafka } from 'kafkajs';

import { eventOf, NotOfTheLog, type EventRecord } from './record.js';

/** Nothing that a relay wrote is among the last records of a partition, though there are records. */
export class NothingOfTheLog extends Error {
  override readonly name = 'NothingOfTheLog';
}

/** How far back a record of the log is looked for among records that are none. */
const LOOKED_BACK = [1, 100, 10_000] as const;
const READ_WITHIN_MS = 60_000;

interface Range {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The last record of the log on each partition of a topic that has one.
 *
 * @returns by partition
 * @throws NothingOfTheLog where the last 10,000 records of a partition are not of a log; else what the broker says
 */
export async function lastRecords(kafka: Kafka, admin: Admin, topic: string): Promise<Map<number, EventRecord>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  let open = offsets.map(({ partition, low, high }): Range => ({ partition, low: Number(low), high: Number(high) })).filter(({ low, high }) => high > low);
  const found = new Map<number, EventRecord>();
  for (const back of LOOKED_BACK) {
    if (open.length === 0) return found;
    await readTail(kafka, admin, { topic, ranges: open, back }, found);
    open = open.filter(({ partition, low, high }) => !found.has(partition) && high - back > low);
  }
  const missing = open[0];
  if (missing !== undefined) throw new NothingOfTheLog(`the last ${LOOKED_BACK.at(-1)} records of partition ${missing.partition} of ${topic} were not written by this system`);
  return found;
}

interface Tail {
  readonly topic: string;
  readonly ranges: readonly Range[];
  readonly back: number;
}

/** Reads the last records of partitions as a group of its own, which is removed afterwards: kafkajs reads in groups only. */
async function readTail(kafka: Kafka, admin: Admin, { topic, ranges, back }: Tail, found: Map<number, EventRecord>): Promise<void> {
  const groupId = `annals-tail-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId });
  const ends = new Map(ranges.map(({ partition, high }) => [partition, high]));
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: false });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the last records of ${topic} were not read within ${READ_WITHIN_MS} ms`)), READ_WITHIN_MS);
      const finish = (end: () => void): void => {
        clearTimeout(timer);
        end();
      };
      consumer.on(consumer.events.CRASH, ({ payload }) => finish(() => reject(payload.error)));
      consumer
        .run({
          autoCommit: false,
          eachBatch: ({ batch }) => {
            for (const message of batch.messages) keepLast(found, batch.partition, message);
            if (Number(batch.lastOffset()) + 1 >= (ends.get(batch.partition) ?? 0)) ends.delete(batch.partition);
            if (ends.size === 0) finish(resolve);
            return Promise.resolve();
          },
        })
        .catch((error: unknown) => finish(() => reject(error)));
      for (const { partition, low, high } of ranges) consumer.seek({ topic, partition, offset: String(Math.max(low, high - back)) });
    });
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]);
  }
}

function keepLast(found: Map<number, EventRecord>, partition: number, message: Parameters<typeof eventOf>[0]): void {
  try {
    const record = eventOf(message);
    // A repeated record stands behind ones that are further on.
    if (record.event.position > (found.get(partition)?.event.position ?? 0)) found.set(partition, record);
  } catch (error) {
    if (!(error instanceof NotOfTheLog)) throw error;
  }
}
