import { setTimeout as sleep } from 'node:timers/promises';

import { ForeignPlace, subscribe, type EventStore, type Place, type StoredEvent } from '@annals/event-store';
import { Partitioners, type Admin, type Kafka, type Producer } from 'kafkajs';

import { batchesOf } from './batches.js';
import { lastRecords } from './last-records.js';
import { takeLease, type Lease } from './lease.js';
import { partitionerOf } from './partitions.js';
import { recordOf, type RecordPlace } from './record.js';
import { ensureTopic, TopicDiffers, type EventTopic, type TopicLayout } from './topics.js';

/** What a relay is made of. */
export interface RelayOptions {
  readonly store: EventStore;
  readonly kafka: Kafka;
  readonly topic: EventTopic;
  readonly layout: TopicLayout;
  /** A PostgreSQL that all instances reach: it decides which of them publishes. */
  readonly leaseUrl: string;
  /** Told what an operator may want to know, once for each trouble; holds no personal data. */
  readonly report: (level: 'info' | 'warn' | 'error', sentence: string) => void;
  /** Told of events that were published, and when that was begun, in milliseconds since the epoch. */
  readonly onPublished?: (events: readonly StoredEvent[], begun: number) => void;
  /** Events read at a time, 1..10,000; 2,000 by default. */
  readonly pageEvents?: number;
}

const PAGE_EVENTS = 2_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
const ALL_IN_SYNC = -1;
/** A broker that is just starting, or starting again, is no trouble. */
const LASTING_MS = 5_000;

/**
 * Publishes the events of a topic's categories from the log to Kafka: on each partition in order of position, one request
 * under way at a time, each only after the broker has acknowledged the one before. The log is the outbox: nothing is
 * published that is not durable in it, and nothing in it is left out.
 *
 * Of several instances one publishes, and the others wait for its lease. It keeps no place of its own: each record says
 * up to where everything had been acknowledged when it was sent, so the next who publishes reads the last record of each
 * partition, sees that this log holds them, and goes on from there. What was sent and not acknowledged is sent again.
 */
export class Relay {
  /** Everything up to this position has been acknowledged by the broker; -1 while another publishes, or nobody can. */
  position = -1;
  /** Why it stands still for good, in a sentence; null while it does not. */
  refusal: string | null = null;
  readonly #stop = new AbortController();
  #trouble = '';
  #troubledSince: number | undefined;
  #loop: Promise<void> | undefined;

  constructor(private readonly options: RelayOptions) {}

  /** Starts to publish, now and whenever it can. */
  start(): void {
    this.#loop ??= this.#run();
  }

  /** Ends it after the requests under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted && this.refusal === null) {
      try {
        await this.#lead();
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        this.#met(error);
        pause = this.position > 0 ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
      this.position = -1;
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What the broker's absence makes of it is told once, when it has lasted; what no waiting cures ends it. */
  #met(error: unknown): void {
    const { topic, report } = this.options;
    if (error instanceof TopicDiffers || error instanceof ForeignPlace) {
      this.refusal = `Nothing is published to ${topic.name}: ${error.message}`;
      report('error', this.refusal);
      return;
    }
    const name = error instanceof Error ? error.name : 'an unknown error';
    this.#troubledSince ??= performance.now();
    if (name === this.#trouble || performance.now() - this.#troubledSince < LASTING_MS) return;
    this.#trouble = name;
    report('warn', `publishing to ${topic.name} waits: ${name}`);
  }

  async #lead(): Promise<void> {
    const { topic, leaseUrl } = this.options;
    const lease = await takeLease(leaseUrl, `relay ${topic.name}`, this.#stop.signal);
    if (lease === undefined) return;
    try {
      await this.#publish(lease);
    } finally {
      await lease.release();
    }
  }

  async #publish(lease: Lease): Promise<void> {
    const { kafka, topic, layout } = this.options;
    const signal = AbortSignal.any([lease.lost, this.#stop.signal]);
    const admin = kafka.admin();
    await admin.connect();
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false, maxInFlightRequests: layout.partitions });
    try {
      await ensureTopic(admin, topic, layout);
      const published = await this.#published(admin);
      await producer.connect();
      await this.#follow(new Publishing(this.options, producer, published), published, signal);
    } finally {
      await Promise.all([producer.disconnect(), admin.disconnect()]);
    }
  }

  /** How far each partition is, and from where to read: what was acknowledged as a whole when the latest of them was sent. */
  async #published(admin: Admin): Promise<Published> {
    const { store, kafka, topic } = this.options;
    const records = await lastRecords(kafka, admin, topic.name);
    let from: Place = { logId: store.logId, position: 0, eventId: null };
    const last = new Map<number, number>();
    for (const [partition, { event, logId, acknowledged }] of records) {
      await store.verifyPlace({ logId, position: event.position, eventId: event.id });
      last.set(partition, event.position);
      if (acknowledged.position > from.position) from = { logId, ...acknowledged };
    }
    return { from, last };
  }

  async #follow(publishing: Publishing, { from }: Published, signal: AbortSignal): Promise<void> {
    const { store, topic, pageEvents = PAGE_EVENTS, report, onPublished } = this.options;
    this.position = from.position;
    this.#trouble = '';
    this.#troubledSince = undefined;
    report('info', `publishing to ${topic.name} after position ${from.position}`);
    const subscription = subscribe({
      store,
      categories: topic.categories,
      from,
      batchSize: pageEvents,
      handle: async ({ events, place }) => {
        const begun = Date.now();
        await publishing.publish(events, signal);
        onPublished?.(events, begun);
        publishing.acknowledged = place;
        this.position = place.position;
      },
    });
    const end = (): void => void subscription.stop();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    await subscription.done;
  }
}

interface Published {
  readonly from: Place;
  /** Position of the last record by partition. */
  readonly last: ReadonlyMap<number, number>;
}

/** What one leader has sent. */
class Publishing {
  acknowledged: RecordPlace['acknowledged'];
  readonly #last: Map<number, number>;
  readonly #partitionOf: (stream: string) => number;

  constructor(
    private readonly options: RelayOptions,
    private readonly producer: Producer,
    { from, last }: Published,
  ) {
    this.acknowledged = from;
    this.#last = new Map(last);
    this.#partitionOf = partitionerOf(options.layout.partitions);
  }

  /** Sends a page: the partitions beside each other, and on each one request after another. */
  async publish(events: readonly StoredEvent[], signal: AbortSignal): Promise<void> {
    const parts = new Map<number, StoredEvent[]>();
    for (const event of events) {
      const partition = this.#partitionOf(event.stream);
      if (event.position <= (this.#last.get(partition) ?? 0)) continue;
      const part = parts.get(partition);
      if (part === undefined) parts.set(partition, [event]);
      else part.push(event);
    }
    await Promise.all([...parts].map(([partition, part]) => this.#sendAll(partition, part, signal)));
  }

  async #sendAll(partition: number, events: readonly StoredEvent[], signal: AbortSignal): Promise<void> {
    for (const batch of batchesOf(events)) {
      await this.#send(partition, batch, signal);
      this.#last.set(partition, batch.at(-1)?.position ?? 0);
    }
  }

  /** Sends one request until the broker has acknowledged it. @throws where it is to stop */
  async #send(partition: number, events: readonly StoredEvent[], signal: AbortSignal): Promise<void> {
    const { store, topic } = this.options;
    const { acknowledged } = this;
    let previous = this.#last.get(partition) ?? 0;
    const messages = events.map((event) => {
      const message = { ...recordOf(event, { logId: store.logId, previous, acknowledged }), partition };
      previous = event.position;
      return message;
    });
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      signal.throwIfAborted();
      try {
        await this.producer.send({ topic: topic.name, acks: ALL_IN_SYNC, messages });
        return;
      } catch (error) {
        if (pause === FIRST_PAUSE_MS) this.options.report('warn', `partition ${partition} of ${topic.name} is tried again: ${error instanceof Error ? error.name : 'an unknown error'}`);
        await sleep(pause, undefined, { signal });
      }
    }
  }
}
