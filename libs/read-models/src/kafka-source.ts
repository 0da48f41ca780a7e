import type { EventStore, Place } from '@annals/event-store';
import { Receiver, type Consumer, type DeadLetters, type Delivery, type EventTopic, type EventTopics, type Received, type RefusedRecord } from '@annals/messaging';
import type { EventCodec } from '@annals/sealing';
import type pg from 'pg';

import type { Fence, Parked } from './batch.js';
import { adoptPlaces, holdPartition, keyOf, loadPlaces, movePlaces, type HeldPlace } from './partition-places.js';
import { categoriesOf, type ReadModel } from './read-model.js';
import type { Source, SourcePage } from './source.js';
import { Watchdog } from './watchdog.js';
import { Watermark } from './watermark.js';

/** What a feed from Kafka stands on. */
export interface KafkaSourceOptions {
  readonly client: pg.Client;
  readonly model: ReadModel;
  readonly generation: string;
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly topics: EventTopics;
  /** Records in a page, which is a transaction. */
  readonly limit: number;
  readonly gatherMs: number;
  /** Called when there may be something to read. */
  readonly wake: () => void;
  /** Called when the places were read again, since what is parked may have changed with them. */
  readonly reloaded: () => Promise<void>;
}

const POLL_MS = 250;
/** Where no reader needs it sooner, how far everything is applied is found out this often, so that pages are large. */
const WATERMARK_EVERY_MS = 200;
const WATERMARK_AT_END_MS = 1_000;

/**
 * The events of a read model from Kafka. Its places, one a partition, lie beside the view and move with it; what the broker
 * remembers of the group is for those who look at its lag, and no more.
 *
 * Members of the group share the partitions. One that holds records of a partition which is another's by now loses, since
 * the place is not as it knows it; it reads the places again, and drops what was handled.
 */
export class KafkaSource implements Source {
  readonly #receiver: Receiver;
  readonly #watermark: Watermark;
  readonly #watchdog: Watchdog;
  readonly #consumer: Consumer;
  readonly #letters: DeadLetters;
  readonly #types: ReadonlySet<string>;
  #places: ReadonlyMap<string, HeldPlace> = new Map();
  /** The partitions that are this process' own. */
  #assigned: ReadonlySet<string> = new Set();
  /** Positions of partitions that are another's, as they were when last looked at. */
  readonly #others = new Map<string, number>();
  #joins = 0;
  /** Where partitions begin of which nothing has been handled: the group may say otherwise. */
  #begins: ReadonlyMap<string, number> = new Map();
  /** Taken and not applied: read again where the page was not. */
  #held: readonly Delivery[] = [];
  #page = new PageParts();
  #isHurried = false;
  #nextReadAt = 0;
  #nextWatermarkAt = 0;

  private constructor(
    private readonly options: KafkaSourceOptions,
    private readonly followed: readonly EventTopic[],
    place: Place,
  ) {
    const { client, model, generation, store, topics, wake } = options;
    const appliedOf = (stream: string, isFresh: boolean): Promise<number> => this.#appliedOf(stream, isFresh);
    this.#receiver = new Receiver(store, topics);
    this.#watermark = new Watermark({ client, store, generation, name: model.name, categories: categoriesOf([model]), appliedOf }, place);
    this.#consumer = topics.consumer(`${model.name}.${generation}`, followed, wake);
    this.#watchdog = new Watchdog(topics, followed, this.#consumer);
    this.#letters = topics.deadLetters(model.name);
    this.#types = new Set(model.events);
  }
  /**
   * Joins the group, from the places that lie beside the view, or from where everything is applied already.
   *
   * @param place - up to which everything is applied
   * @throws TopicsMissing, TopicDiffers, ForeignPlace; what database and broker say
   */
  static async open(options: KafkaSourceOptions, place: Place): Promise<KafkaSource> {
    const { client, generation, store, topics, model } = options;
    const followed = topics.topicsOf(categoriesOf([model]));
    const ends = await topics.endsOf(followed);
    const source = new KafkaSource(options, followed, place);
    source.#begins = new Map(ends.flatMap(({ topic, begins }) => [...begins].map(([partition, low]) => [keyOf({ topic, partition }), low])));
    source.#places = await adoptPlaces(client, generation, place, topics.partitionsOf(followed));
    const known = new Map([...source.#places.values()].map(({ position, eventId }) => [position, eventId]));
    for (const [position, eventId] of known) await store.verifyPlace({ logId: store.logId, position, eventId });
    await options.reloaded();
    try {
      await source.#consumer.start();
      return source;
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  get place(): Place {
    return this.#watermark.place;
  }

  get pollMs(): number {
    return this.#consumer.hasMore ? Math.min(POLL_MS, Math.max(0, this.#nextReadAt - performance.now())) : POLL_MS;
  }

  async read(): Promise<SourcePage> {
    if (this.#consumer.joins !== this.#joins) await this.#joined();
    await this.#keepWatermark();
    if (this.#held.length === 0) this.#held = this.#take();
    this.#page = new PageParts();
    if (this.#held.length === 0) {
      await this.#watchdog.look(this.#places);
      return { events: [], move: () => Promise.resolve(true), moved: false, full: false };
    }
    for (const delivery of this.#held) await this.#receive(delivery);
    const { events, places, refused, rest } = this.#page;
    const { codec, model } = this.options;
    const wanted = events.filter(({ type }) => this.#types.has(type));
    return {
      events: wanted.length === 0 ? [] : await codec.decodeEach(wanted, { addresses: model.opensAddresses ?? false }),
      move: movePlaces(this.options.generation, [...places.values()], refused),
      moved: true,
      full: this.#consumer.hasMore || rest.length > 0,
    };
  }

  applied(): Promise<void> {
    const { places, refused, rest } = this.#page;
    const moved = new Map([...places].map(([key, place]) => [key, { ...place, turn: place.turn + 1 }]));
    this.#places = new Map([...this.#places, ...moved]);
    this.#consumer.commit([...places.values()].flatMap(({ topic, partition, offset }) => (offset === null ? [] : [{ topic, partition, offset }])));
    this.#letters.leave(refused.map(({ topic, partition, offset, reason }) => ({ topic, subject: `${topic}/${partition}/${offset}`, reason, place: { topic, partition, offset }, attempts: 1 })));
    this.#held = rest;
    this.#watchdog.progress();
    this.#nextWatermarkAt = Math.min(this.#nextWatermarkAt, performance.now() + WATERMARK_EVERY_MS);
    return Promise.resolve();
  }

  async lost(): Promise<boolean> {
    await this.#reload();
    return this.#places.size > 0;
  }

  hold(stream: string): Fence {
    const partition = this.options.topics.partitionOf(stream);
    if (partition === undefined) return () => Promise.resolve(false);
    const hold = holdPartition(this.options.generation, partition);
    return async (transaction) => {
      const isHeld = await hold(transaction);
      // Its place has moved by this; whether that is committed shows when it is read again.
      this.#joins = -1;
      return isHeld;
    };
  }

  reached(stream: string): number | undefined {
    const partition = this.options.topics.partitionOf(stream);
    const key = partition && keyOf(partition);
    if (key === undefined || !this.#assigned.has(key)) return undefined;
    return Math.max(this.#places.get(key)?.position ?? 0, this.place.position);
  }

  parked({ stream, revision, position, reason }: Parked): void {
    const topic = this.options.topics.partitionOf(stream)?.topic;
    if (topic !== undefined) this.#letters.leave([{ topic, subject: stream, reason, place: { stream, revision, position }, attempts: 1 }]);
  }

  hurry(): void {
    this.#isHurried = true;
    this.options.wake();
  }

  async close(): Promise<void> {
    await Promise.all([this.#consumer.stop(), this.#letters.close()]);
  }

  /** The group has changed: others may have moved the places, and the broker knows them by hearsay. */
  async #joined(): Promise<void> {
    this.#joins = this.#consumer.joins;
    await this.#reload();
    this.#assigned = new Set(this.#consumer.assigned.map(keyOf));
    this.#consumer.seek([...this.#places].map(([key, { topic, partition, offset }]) => ({ topic, partition, offset: offset ?? this.#begins.get(key) ?? 0 })));
  }

  /** First the places, then what is parked: who unparks a stream moves its partition's place. */
  async #reload(): Promise<void> {
    this.#places = await loadPlaces(this.options.client, this.options.generation);
    this.#others.clear();
    await this.options.reloaded();
  }

  #take(): readonly Delivery[] {
    const now = performance.now();
    if (now < this.#nextReadAt && !this.#isHurried) return [];
    const taken = this.#consumer.take(this.options.limit);
    if (taken.length > 0) {
      this.#isHurried = false;
      if (!this.#consumer.hasMore) this.#nextReadAt = now + this.options.gatherMs;
    }
    return taken;
  }

  async #receive(delivery: Delivery): Promise<void> {
    const key = keyOf(delivery);
    const place = this.#page.places.get(key) ?? this.#places.get(key);
    const topic = this.followed.find(({ name }) => name === delivery.topic);
    if (place === undefined || topic === undefined) return;
    if (this.#page.rest.some((left) => keyOf(left) === key)) this.#page.rest.push(delivery);
    else this.#page.add(delivery, place, await this.#receiver.receive(delivery, place, topic.categories));
  }

  async #keepWatermark(): Promise<void> {
    if (performance.now() < this.#nextWatermarkAt) return;
    const state = await this.#watermark.advance();
    this.#nextWatermarkAt = performance.now() + { more: 0, waits: WATERMARK_EVERY_MS, end: WATERMARK_AT_END_MS }[state];
  }

  async #appliedOf(stream: string, isFresh: boolean): Promise<number> {
    const partition = this.options.topics.partitionOf(stream);
    if (partition === undefined) return Infinity;
    const key = keyOf(partition);
    if (isFresh && !this.#assigned.has(key)) {
      const all = await loadPlaces(this.options.client, this.options.generation);
      for (const [each, { position }] of all) this.#others.set(each, position);
    }
    return Math.max(this.#places.get(key)?.position ?? 0, this.#others.get(key) ?? 0);
  }
}

/** What a page is made of, partition by partition. */
class PageParts {
  readonly events: Received['events'][number][] = [];
  readonly refused: RefusedRecord[] = [];
  readonly rest: Delivery[] = [];
  readonly places = new Map<string, HeldPlace>();

  add({ topic, partition }: Delivery, { turn }: HeldPlace, { events, refused, rest, place }: Received): void {
    this.events.push(...events);
    this.refused.push(...refused);
    if (rest.length > 0) this.rest.push({ topic, partition, records: rest });
    this.places.set(keyOf(place), { ...place, turn });
  }
}
