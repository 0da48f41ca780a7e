import { randomUUID } from 'node:crypto';

import { MAX_DATA_BYTES, openMemoryStore, type EventStore, type StoredEvent } from '@annals/event-store';
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Kafka, type IHeaders, type KafkaMessage } from 'kafkajs';

import { EventTopics } from './event-topics.js';
import { relayed } from './fixtures/partition.js';
import { newEvent } from './fixtures/topic.js';
import { Receiver, type PartitionPlace, type Received } from './receive.js';
import { topicOf } from './topics.js';

const topic = topicOf('transactions', 'annals');
const topics = new EventTopics(new Kafka({ brokers: ['127.0.0.1:9'] }), 'spec', { prefix: 'annals', partitions: 2, brokers: [] });
const PARTITION = 1;
const LOG_EVENTS = 120;

const withHeaders = (record: KafkaMessage, headers: IHeaders): KafkaMessage => Object.assign({}, record, { headers });
const withOffset = (record: KafkaMessage, offset: number): KafkaMessage => Object.assign({}, record, { offset: String(offset) });

function the<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the log of the test holds more');
  return value;
}

const start: PartitionPlace = { topic: topic.name, partition: PARTITION, offset: null, position: 0, eventId: null };

describe('what is received of a partition', () => {
  let store: EventStore;
  let ours: readonly StoredEvent[];
  let records: readonly KafkaMessage[];

  beforeEach(async () => {
    store = openMemoryStore();
    for (let n = 0; n < LOG_EVENTS; n += 1) await store.append(n % 3 === 0 ? `customer-${randomUUID()}` : `transaction-${randomUUID()}`, 'Any', [newEvent()]);
    const { events } = await store.readAll({ after: 0 });
    ours = events.filter(({ stream }) => topics.partitionOf(stream)?.topic === topic.name && topics.partitionOf(stream)?.partition === PARTITION);
    records = relayed(ours, store.logId);
  });

  const receive = (list: readonly KafkaMessage[], place = start): Promise<Received> =>
    new Receiver(store, topics).receive({ topic: topic.name, partition: PARTITION, records: list }, place, topic.categories);
  const positions = (events: readonly StoredEvent[]): number[] => events.map(({ position }) => position);
  const at = (index: number): StoredEvent => the(ours[index]);
  const record = (index: number): KafkaMessage => the(records[index]);
  /** A record with other headers than the relay gave it; null takes one away. */
  const altered = (index: number, headers: Record<string, string | null>): KafkaMessage => {
    const all: IHeaders = { ...record(index).headers };
    for (const [name, value] of Object.entries(headers)) all[name] = value === null ? undefined : Buffer.from(value);
    return withHeaders(record(index), all);
  };

  it('is the events of the log, as the log holds them, and the place behind them', async () => {
    const { events, place, refused, rest } = await receive(records);
    expect(events.map((event) => ({ ...event, data: Buffer.from(event.data), metadata: '' }))).toEqual(ours.map((event) => ({ ...event, data: Buffer.from(event.data), metadata: '' })));
    expect(place).toEqual({ ...start, offset: records.length, position: ours.at(-1)?.position, eventId: ours.at(-1)?.id });
    expect([refused, rest]).toEqual([[], []]);
  });

  it('is complete and in order whatever is repeated and whatever is missing, in any cut', async () => {
    const deliveries = fc.array(fc.record({ from: fc.nat(), length: fc.integer({ min: 1, max: 6 }) }), { maxLength: 12 });
    await fc.assert(fc.asyncProperty(deliveries, async (cuts) => {
      let place = start;
      const seen: number[] = [];
      const last = { from: records.length - 1, length: 1 };
      for (const { from, length } of [...cuts, last]) {
        const begin = from % records.length;
        const result = await receive(records.slice(begin, begin + length), place);
        expect(result.rest).toEqual([]);
        place = result.place;
        seen.push(...positions(result.events));
      }
      expect(seen).toEqual(positions(ours));
    }));
  });

  it('fills a gap page by page, and says what is to be received again meanwhile', async () => {
    const { stream } = at(0);
    for (let n = 0; n < 2_500; n += 1) await store.append(n % 2 === 0 ? stream : `customer-${randomUUID()}`, 'Any', [newEvent(1)]);
    const later = (await store.readStream(stream, { limit: 10_000 })).filter(({ position }) => position > LOG_EVENTS);
    const last = relayed([...ours, ...later], store.logId).slice(-1);
    let place = start;
    const seen: number[] = [];
    let pages = 0;
    for (let rest: readonly KafkaMessage[] = last; rest.length > 0; pages += 1) {
      const result = await receive(rest, place);
      ({ place, rest } = result);
      seen.push(...positions(result.events));
    }
    expect(pages).toBeGreaterThan(1);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(ours.length + 1_250);
    expect(place).toMatchObject({ position: later.at(-1)?.position, offset: ours.length + 1_250 });
  });

  it('begins behind a place that a build has reached, though no record names it', async () => {
    const place = { ...start, position: at(4).position + 1, eventId: 'of another partition' };
    expect(positions((await receive(records, place)).events)).toEqual(positions(ours).filter((position) => position > place.position));
  });

  it.each<[string, () => KafkaMessage]>([
    ['it has no key', () => ({ ...record(2), key: null })],
    ['its key is not its stream', () => ({ ...record(2), key: Buffer.from('x') })],
    ['it has no value', () => ({ ...record(2), value: null })],
    ['it is larger than an event can be', () => ({ ...record(2), value: Buffer.alloc(MAX_DATA_BYTES + 1) })],
    ['it has no ce_id', () => altered(2, { ce_id: null })],
    ['it has no ce_subject', () => withHeaders(record(2), {})],
    ['its ce_actor is not JSON', () => altered(2, { ce_actor: '{' })],
    ['it is of another log', () => altered(2, { ce_logid: randomUUID() })],
    ['its stream is not on this partition', () => ({ ...altered(2, { ce_subject: foreignStream() }), key: Buffer.from(foreignStream()) })],
    ['the log does not reach its position', () => altered(2, { ce_position: '900000000000000' })],
    ['its ce_position is not what it must be', () => altered(2, { ce_position: '9'.repeat(40) })],
    ['the log holds another event at its position', () => altered(2, { ce_id: randomUUID(), ce_previous: '0', ce_position: String(at(9).position) })],
  ])('refuses a record of which is to be said: %s, and nothing else is touched', async (reason, make) => {
    const poison = withOffset(make(), 3);
    const list = [...records.slice(0, 3), poison, ...records.slice(3).map((each, index) => withOffset(each, index + 4))];
    const result = await receive(list);
    expect(result.refused).toEqual([{ topic: topic.name, partition: PARTITION, offset: 3, reason }]);
    expect(positions(result.events)).toEqual(positions(ours));
    expect(result.repaired).toBe(0);
    // It is on the list by then.
    expect((await receive(list, { ...result.place, position: 0 })).refused).toEqual([]);
  });

  const foreignStream = (): string => {
    const { stream } = at(0);
    for (let n = 0; ; n += 1) {
      const other = `${stream.slice(0, -3)}${String(n).padStart(3, '0')}`;
      if (topics.partitionOf(other)?.partition !== PARTITION) return other;
    }
  };
});
