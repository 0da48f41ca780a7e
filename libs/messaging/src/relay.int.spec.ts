import { randomUUID } from 'node:crypto';

import { openMemoryStore, openPostgresStore, type EventStore, type StoredEvent } from '@annals/event-store';
import { eventually, kafkaForTests, postgresForTests, settingsForTests, sql } from '@annals/testing';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';

import { clientOf, newEvent, readTopic, type Records } from './fixtures/topic.js';
import { eventOf } from './record.js';
import { Relay } from './relay.js';
import { ensureTopic, topicOf, type EventTopic } from './topics.js';

const LONG = { withinMs: 60_000, everyMs: 100 };
const TEST_MS = 120_000;

describe('the relay from the log to Kafka', () => {
  const kafka = kafkaForTests();
  const postgres = postgresForTests();
  const settings = settingsForTests(postgres);
  const layout = { partitions: 3, replicationFactor: 1, minInSyncReplicas: 1 };
  let store: EventStore;
  let topic: EventTopic;
  let relays: Relay[];
  let told: string[];

  beforeEach(async () => {
    store = await openPostgresStore({ connectionString: settings().EVENT_STORE_URL });
    // Each test has a topic of its own, and the log goes on: what other tests wrote is published too.
    topic = topicOf('transactions', `t${randomUUID()}`);
    relays = [];
    told = [];
  });
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await store.close();
  });

  const relayOn = (log: EventStore = store, change: Partial<ConstructorParameters<typeof Relay>[0]> = {}): Relay => {
    const report = (_: string, sentence: string): void => void told.push(sentence);
    const relay = new Relay({ store: log, kafka: clientOf(kafka.brokers()), topic, layout, leaseUrl: settings().KEY_STORE_URL, report, pageEvents: 50, ...change });
    relays.push(relay);
    relay.start();
    return relay;
  };
  const write = async (streams: number, each = 1, size = 40): Promise<void> => {
    const names = Array.from({ length: streams }, () => `transaction-${randomUUID()}`);
    for (let round = 0; round < each; round += 1) await Promise.all(names.map((name) => store.append(name, 'Any', [newEvent(size)])));
  };
  const published = async (relay: Relay): Promise<void> => {
    const { position } = await store.head();
    await eventually(() => expect(relay.position).toBeGreaterThanOrEqual(position), LONG);
  };
  const read = (): Promise<Records> => readTopic(clientOf(kafka.brokers()), topic.name);
  const logged = async (): Promise<readonly StoredEvent[]> => {
    const events: StoredEvent[] = [];
    for (let after = 0; ; ) {
      const page = await store.readAll({ after, categories: topic.categories });
      events.push(...page.events);
      if (page.next === after) return events;
      after = page.next;
    }
  };

  /** Every event once where nothing was repeated, in order on each partition, with what came before it. */
  async function expectWhole(records: Records): Promise<void> {
    const events = [...records.values()].flatMap((partition) => partition.map((record) => eventOf(record).event)).sort((a, b) => a.position - b.position);
    expect(events.map(plain)).toEqual((await logged()).map(plain));
    for (const partition of records.values()) {
      let before = 0;
      for (const { event, previous } of partition.map((record) => eventOf(record))) {
        expect(previous).toBe(before);
        expect(event.position).toBeGreaterThan(before);
        before = event.position;
      }
    }
  }
  const plain = ({ data, metadata, ...rest }: StoredEvent): object => ({ ...rest, data: Buffer.from(data).toString('hex'), metadata: Buffer.from(metadata).toString() });

  kafka.it('publishes each event of its categories once, in order on its partition, as the log holds it', async () => {
    await write(60, 2);
    await store.append(`customer-${randomUUID()}`, 'NoStream', [{ ...newEvent(), type: 'CustomerTagged' }]);
    await published(relayOn());
    await expectWhole(await read());
  }, TEST_MS);

  kafka.it('sends what does not fit into one request in several', async () => {
    await write(9, 1, 500 * 1024);
    await published(relayOn());
    await expectWhole(await read());
  }, TEST_MS);

  kafka.it('goes on where the one before it ended, and leaves nothing out', async () => {
    await write(20);
    const first = relayOn();
    await published(first);
    await first.stop();
    await write(20, 2);
    await published(relayOn());
    await expectWhole(await read());
  }, TEST_MS);

  /** Returns when somebody has asked for the lease again and again, in vain: who has it asks once. */
  const asksAgain = async (): Promise<void> => {
    const asked = new Set<string>();
    await eventually(async () => {
      const rows = await sql<{ at: string }>(settings().KEY_STORE_URL, `select query_start::text || pid as at from pg_stat_activity where application_name = 'annals lease' and query like '%pg_try_advisory_lock%'`);
      for (const { at } of rows) asked.add(at);
      expect(asked.size).toBeGreaterThan(3);
    }, LONG);
  };

  kafka.it('leaves it to one instance at a time, and the next takes over', async () => {
    const first = relayOn();
    await published(first);
    const second = relayOn();
    await asksAgain();
    await write(30);
    await published(first);
    expect(second.position).toBe(-1);
    await first.stop();
    await write(30);
    await published(second);
    await expectWhole(await read());
  }, TEST_MS);

  kafka.itWithOwn('waits for a broker that was killed, and repeats no more than what was under way', async () => {
    const relay = relayOn();
    await write(30);
    await published(relay);
    await kafka.kill();
    await write(200);
    await eventually(() => expect(told.join()).toContain('again'), LONG);
    await kafka.restart();
    await published(relay);
    // A request that the broker took and could not acknowledge may be there twice; a reader drops what is not further on.
    const seen = new Map<number, readonly StoredEvent[]>();
    for (const [partition, records] of await read()) {
      const events = records.map((record) => eventOf(record).event);
      seen.set(partition, events.filter(({ position }, index) => events.slice(0, index).every((earlier) => earlier.position < position)));
    }
    expect([...seen.values()].flat().sort((a, b) => a.position - b.position).map(plain)).toEqual((await logged()).map(plain));
  }, TEST_MS);

  kafka.it('goes on behind records that somebody else wrote into its topic', async () => {
    await write(10);
    const first = relayOn();
    await published(first);
    await first.stop();
    const producer = clientOf(kafka.brokers()).producer();
    await producer.connect();
    await producer.send({ topic: topic.name, messages: [0, 1, 2].flatMap((partition) => Array.from({ length: 5 }, () => ({ partition, key: 'x', value: 'not of the log' }))) });
    await producer.disconnect();
    await write(10);
    await published(relayOn());
    const records = await read();
    const ours = new Map([...records].map(([partition, list]) => [partition, list.filter(({ key }) => key?.toString() !== 'x')]));
    await expectWhole(ours);
  }, TEST_MS);

  kafka.it('publishes nothing from another log, and says so', async () => {
    await write(10);
    const first = relayOn();
    await published(first);
    await first.stop();
    const relay = relayOn(openMemoryStore());
    await eventually(() => expect(relay.refusal).toContain(`Nothing is published to ${topic.name}`), LONG);
    expect((await read()).size).toBeGreaterThan(0);
  }, TEST_MS);

  kafka.it('refuses a topic that is not as configured, and leaves it as it is', async () => {
    const admin = clientOf(kafka.brokers()).admin();
    await admin.connect();
    await ensureTopic(admin, topic, { ...layout, partitions: 2 });
    const relay = relayOn();
    await eventually(() => expect(relay.refusal).toMatch(/has 2 partitions, and KAFKA_PARTITIONS is 3: .* set KAFKA_TOPIC_PREFIX to a new one/s), LONG);
    await expect(ensureTopic(admin, topic, { ...layout, partitions: 2, replicationFactor: 2 })).rejects.toThrow('has 1 replicas, and KAFKA_REPLICATION is 2');
    await expect(ensureTopic(admin, topic, { ...layout, partitions: 2, minInSyncReplicas: 2 })).rejects.toThrow('has min.insync.replicas=1, and Annals needs 2');
    await ensureTopic(admin, topic, { ...layout, partitions: 2 });
    await admin.disconnect();
  }, TEST_MS);
});
