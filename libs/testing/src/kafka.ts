import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaLacks, startKafka, type KafkaBroker } from '@annals/local';
import { afterAll, beforeAll } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { itWhere } from './it-where.js';

/** The Kafka of one spec file. */
export interface TestKafka {
  /** Whether this machine has one. */
  readonly isThere: boolean;
  /** For KAFKA_BROKERS; a fresh topic's name keeps the tests of one file apart. */
  brokers(): string;
  /** A client of its own, for what no part of the product does: poison, offsets that are moved, groups that are lost. */
  client(): Kafka;
  /** `it`, for a test that needs the broker: skipped aloud where this machine has none. */
  readonly it: ReturnType<typeof itWhere>;
  /** `it`, for a test that kills the broker and starts it again, as it can where the broker is its own. */
  readonly itWithOwn: ReturnType<typeof itWhere>;
  /** Ends the broker as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, with what it kept, at the same address. */
  restart(): Promise<void>;
}

/**
 * A real Kafka for the spec file that calls it: the one that KAFKA_BROKERS names, else one of its own by Java and Maven.
 * Where there is neither, its tests count as skipped.
 */
export function kafkaForTests(): TestKafka {
  const given = process.env['KAFKA_BROKERS'];
  const lacks = given === undefined ? kafkaLacks() : undefined;
  const dataDir = join(tmpdir(), `annals-kafka-${randomUUID()}`);
  let broker: KafkaBroker | undefined;
  const own = (): KafkaBroker => {
    if (broker === undefined) throw new Error('Kafka runs from the first beforeAll to the last afterAll of the spec file');
    return broker;
  };
  beforeAll(async () => {
    if (given === undefined && lacks === undefined) broker = await startKafka({ dataDir });
  }, 360_000);
  afterAll(async () => {
    await broker?.stop({ quickly: true });
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);
  return {
    isThere: lacks === undefined,
    brokers: () => given ?? own().brokers,
    client: () => new Kafka({ brokers: (given ?? own().brokers).split(','), logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50, maxRetryTime: 250, retries: 40 } }),
    it: itWhere(lacks === undefined, `a Kafka: KAFKA_BROKERS, or ${lacks ?? ''}`),
    itWithOwn: itWhere(given === undefined && lacks === undefined, `a Kafka of its own: ${lacks ?? 'no KAFKA_BROKERS'}`),
    kill: () => own().stop({ quickly: true }),
    restart: async () => {
      broker = await startKafka({ dataDir, port: own().port });
    },
  };
}
