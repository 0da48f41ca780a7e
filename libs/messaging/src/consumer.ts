import type { Consumer as KafkaConsumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';

import type { TopicPartition } from './event-topics.js';

/** Records of one partition, in order of their offsets. */
export interface Delivery extends TopicPartition {
  readonly records: readonly KafkaMessage[];
}

/** A place on a partition: the offset of the record to read next. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** The client has given up, and a new one is needed. */
export class ConsumerFailed extends Error {
  override readonly name = 'ConsumerFailed';
}

/** What a consumer is made of. */
export interface ConsumerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Called when there is something to take, or the group has changed, or the client has failed. */
  readonly wake: () => void;
}

/** What may wait to be taken; a fetch may go beyond it once. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024;
const FETCH_BYTES = 4 * 1024 * 1024;
/** Around a record: its key, and headers of an event. */
const AROUND_BYTES = 1_024;
const FETCH_WAITS_MS = 250;
const SESSION_MS = 30_000;
const HEARTBEAT_MS = 3_000;
const LOOK_EVERY_MS = 1_000;

/**
 * A member of a consumer group whose records are taken when there is time for them, and whose offsets are committed when
 * their effects are durable. What is delivered and not taken is bounded; while it waits, heartbeats go on.
 *
 * A change of the group forgets what was not taken, since it may be another's now: what is still this member's comes again.
 */
export class Consumer {
  /** How often the group has given this member its partitions. */
  joins = 0;
  readonly #consumer: KafkaConsumer;
  readonly #waiting: Delivery[] = [];
  /** Bytes of what was delivered and not taken. */
  waitingBytes = 0;
  #room: () => void = () => undefined;
  #assigned: readonly TopicPartition[] = [];
  #failure: Error | undefined;
  #isStopped = false;
  /** Offsets that the group has not been told of. */
  readonly #handled = new Map<string, PartitionOffset>();
  #committing: Promise<void> | undefined;

  constructor(private readonly options: ConsumerOptions) {
    const { kafka, groupId } = options;
    this.#consumer = kafka.consumer({ groupId, sessionTimeout: SESSION_MS, heartbeatInterval: HEARTBEAT_MS, maxWaitTimeInMs: FETCH_WAITS_MS, maxBytes: FETCH_BYTES, allowAutoTopicCreation: false });
  }

  /** The partitions that are this member's at the moment. */
  get assigned(): readonly TopicPartition[] {
    return this.#assigned;
  }

  /** Joins the group. @throws what the broker says */
  async start(): Promise<void> {
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => this.#joined(payload.memberAssignment));
    this.#consumer.on(events.CRASH, ({ payload }) => this.#crashed(payload.error, payload.restart));
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
    await this.#consumer.run({ autoCommit: false, eachBatch: (payload) => this.#deliver(payload) });
  }

  /**
   * What was delivered, up to some number of records.
   *
   * @throws ConsumerFailed
   */
  take(limit: number): Delivery[] {
    if (this.#failure !== undefined) throw new ConsumerFailed(`the consumer of ${this.options.groupId} has ended: ${this.#failure.name}`, { cause: this.#failure });
    const taken: Delivery[] = [];
    let left = limit;
    while (left > 0) {
      const first = this.#waiting.shift();
      if (first === undefined) break;
      const records = first.records.slice(0, left);
      if (records.length < first.records.length) this.#waiting.unshift({ ...first, records: first.records.slice(left) });
      taken.push({ ...first, records });
      this.waitingBytes -= bytesOf(records);
      left -= records.length;
    }
    this.#room();
    return taken;
  }

  /** Whether there is something to take. */
  get hasMore(): boolean {
    return this.#waiting.length > 0;
  }

  /** Goes on from these offsets, of the partitions that are this member's; what was delivered of them is forgotten. */
  seek(offsets: readonly PartitionOffset[]): void {
    const isSought = ({ topic, partition }: TopicPartition): boolean => offsets.some((one) => one.topic === topic && one.partition === partition);
    const kept = this.#waiting.filter((delivery) => !isSought(delivery));
    this.#waiting.splice(0, Infinity, ...kept);
    this.waitingBytes = kept.reduce((sum, { records }) => sum + bytesOf(records), 0);
    for (const { topic, partition, offset } of offsets) {
      if (this.#assigned.some((one) => one.topic === topic && one.partition === partition)) this.#consumer.seek({ topic, partition, offset: String(offset) });
    }
  }

  /**
   * Tells the group, soon, what has been handled, for whoever looks at its lag. Where the group has changed meanwhile it
   * does not hear of it, and need not: the place that counts is kept with what was made of the records.
   */
  commit(offsets: readonly PartitionOffset[]): void {
    for (const { topic, partition, offset } of offsets) this.#handled.set(`${topic} ${partition}`, { topic, partition, offset });
    this.#committing ??= this.#commitAll().finally(() => (this.#committing = undefined));
  }

  /** Leaves the group; nothing is delivered any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#forget();
    await this.#committing;
    await this.#consumer.disconnect();
  }

  /** The listener is called before the first fetch, so that what is sought now is where it begins. */
  #joined(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.#forget();
    this.#assigned = Object.entries(assignment).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })));
    this.joins += 1;
    this.options.wake();
  }

  #crashed(error: Error, isRestarted: boolean): void {
    this.#assigned = [];
    this.#forget();
    if (!isRestarted) this.#failure = error;
    this.options.wake();
  }

  async #commitAll(): Promise<void> {
    while (this.#handled.size > 0 && this.#failure === undefined) {
      const offsets = [...this.#handled.values()];
      this.#handled.clear();
      // A group that is changing refuses, and is told with what is handled next.
      await this.#consumer.commitOffsets(offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) }))).catch(() => undefined);
    }
  }

  #forget(): void {
    this.#waiting.length = 0;
    this.waitingBytes = 0;
    this.#room();
  }

  async #deliver({ batch, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = batch;
    const { joins } = this;
    const isWanted = (): boolean => isRunning() && !isStale() && !this.#isStopped && this.joins === joins;
    // What is over the bound waits here, and holds back the next fetch.
    while (isWanted() && this.waitingBytes >= MOST_WAITING_BYTES) {
      await this.#hasRoom();
      await heartbeat();
    }
    if (!isWanted()) return;
    this.#waiting.push({ topic, partition, records: messages });
    this.waitingBytes += bytesOf(messages);
    this.options.wake();
  }

  async #hasRoom(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_EVERY_MS);
      this.#room = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#room = () => undefined;
  }
}

const bytesOf = (records: readonly KafkaMessage[]): number => records.reduce((sum, { value }) => sum + (value?.byteLength ?? 0) + AROUND_BYTES, 0);
