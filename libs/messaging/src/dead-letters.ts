import type { Kafka, Producer } from 'kafkajs';

import { partitionerOf } from './partitions.js';

/** What a reader could not handle, and why. */
export interface Notice {
  /** Of the record. */
  readonly topic: string;
  /** What it is about: a stream, or the place of a record that is of none. */
  readonly subject: string;
  /** In words that hold no personal data. */
  readonly reason: string;
  /** Where: by the names of the headers after `annals_`. */
  readonly place: Readonly<Record<string, string | number>>;
  /** How often it was tried. */
  readonly attempts: number;
}

const RETENTION_MS = 30 * 24 * 3_600_000;
const MOST_PENDING = 1_000;

/**
 * Leaves notices on `<topic>.dead.<reader>.<read model>`: for those who watch a topic rather than a status. A notice is no
 * queue: what it is about is on the list of the read model, and its record stays where it is. It holds no value, so that
 * nothing personal is kept twice.
 *
 * What cannot be sent now is dropped and counted: the list is what counts.
 */
export class DeadLetters {
  /** Notices that could not be left. */
  dropped = 0;
  #producer: Promise<Producer> | undefined;
  readonly #made = new Map<string, Promise<void>>();
  #pending = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly kafka: Kafka,
    private readonly reader: string,
  ) {}

  /** Leaves notices, soon. */
  leave(notices: readonly Notice[]): void {
    for (const notice of notices) {
      if (this.#pending >= MOST_PENDING) {
        this.dropped += 1;
        continue;
      }
      this.#pending += 1;
      this.#sending = this.#sending.then(() => this.#send(notice));
    }
  }

  /** Waits for what is under way, and disconnects. */
  async close(): Promise<void> {
    await this.#sending;
    const producer = await this.#producer?.catch(() => undefined);
    await producer?.disconnect();
  }

  async #send({ topic, subject, reason, place, attempts }: Notice): Promise<void> {
    const name = `${topic}.dead.${this.reader}`;
    const where = Object.fromEntries(Object.entries(place).map(([key, value]) => [`annals_${key}`, String(value)]));
    try {
      await this.#ensure(name);
      this.#producer ??= this.#connect();
      const producer = await this.#producer;
      await producer.send({ topic: name, messages: [{ key: subject, value: null, headers: { annals_reason: reason, annals_attempts: String(attempts), ...where } }] });
    } catch {
      this.dropped += 1;
      this.#producer = undefined;
    } finally {
      this.#pending -= 1;
    }
  }

  async #connect(): Promise<Producer> {
    const partitionOf = partitionerOf(1);
    const producer = this.kafka.producer({ allowAutoTopicCreation: false, createPartitioner: () => ({ message }) => partitionOf(String(message.key)) });
    await producer.connect();
    return producer;
  }

  #ensure(topic: string): Promise<void> {
    const known = this.#made.get(topic);
    if (known !== undefined) return known;
    const making = this.#make(topic);
    this.#made.set(topic, making);
    making.catch(() => this.#made.delete(topic));
    return making;
  }

  async #make(topic: string): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const there = await admin.listTopics();
      if (!there.includes(topic)) await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries: [{ name: 'retention.ms', value: String(RETENTION_MS) }] }], waitForLeaders: true });
    } finally {
      await admin.disconnect();
    }
  }
}
