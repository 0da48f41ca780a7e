import type { Category } from '@annals/contracts';
import { ForeignPlace, type EventStore, type Place, type StoredEvent } from '@annals/event-store';
import type { KafkaMessage } from 'kafkajs';

import type { Delivery } from './consumer.js';
import type { EventTopics, TopicPartition } from './event-topics.js';
import { eventOf, NotOfTheLog, type EventRecord } from './record.js';

/** How far a partition has been handled. */
export interface PartitionPlace extends TopicPartition {
  /** Offset of the record to read next; null where nothing has been read. */
  readonly offset: number | null;
  /** Everything of the partition up to this position of the log is handled. */
  readonly position: number;
  readonly eventId: string | null;
}

/** A record that is not the log's. */
export interface RefusedRecord extends TopicPartition {
  readonly offset: number;
  /** In words that hold no personal data. */
  readonly reason: string;
}

/** What a delivery comes to. */
export interface Received {
  /** In order of position, none that was handled before. */
  readonly events: readonly StoredEvent[];
  readonly refused: readonly RefusedRecord[];
  /** When these events are handled. */
  readonly place: PartitionPlace;
  /** Records that come after a gap which is not filled yet: to be received again, from the place above. */
  readonly rest: readonly KafkaMessage[];
  /** Records dropped since they had been handled. */
  readonly repeated: number;
  /** Events that were missing, and were read from the log. */
  readonly repaired: number;
}

const GAP_POSITIONS = 1_000;
const GAP_LEFT = Symbol('gap');

/**
 * Makes events of records, by what the log says: each of them is the next of its partition, or the log is asked. A record
 * that repeats what was handled is dropped; before one that comes too early, what is missing is read from the log; one that
 * the log does not hold is refused, and moves nothing.
 */
export class Receiver {
  /** The log has come at least so far. */
  #head = 0;

  constructor(
    private readonly store: EventStore,
    private readonly topics: EventTopics,
  ) {}

  /**
   * @param place - of the delivery's partition
   * @param categories - of the events of its topic
   * @throws what the store throws
   */
  async receive({ topic, partition, records }: Delivery, place: PartitionPlace, categories: readonly Category[]): Promise<Received> {
    const receiving = new Receiving(place);
    for (const [index, record] of records.entries()) {
      const offset = Number(record.offset);
      const read = this.#eventOf(record, { topic, partition });
      const outcome = typeof read === 'string' ? read : await this.#handle(read, receiving, categories);
      if (outcome === GAP_LEFT) return receiving.result(records.slice(index));
      if (typeof outcome === 'string') receiving.refuse({ topic, partition, offset, reason: outcome });
      receiving.offset = offset + 1;
    }
    return receiving.result([]);
  }

  /** @returns why the record is refused, or that what is missing before it is not all read yet */
  async #handle(record: EventRecord, receiving: Receiving, categories: readonly Category[]): Promise<string | typeof GAP_LEFT | undefined> {
    const { event } = record;
    if (event.position <= receiving.position) {
      receiving.repeated += 1;
      return undefined;
    }
    const step = await this.#judge(record, receiving);
    if (step === 'gap' && !(await this.#fill(receiving, event, categories))) return GAP_LEFT;
    if (step !== 'gap' && step !== 'next') return step.refused;
    receiving.accept(event);
    return undefined;
  }

  /** The record's event, or why it is not of this log and this partition. */
  #eventOf(record: KafkaMessage, { topic, partition }: TopicPartition): EventRecord | string {
    try {
      const read = eventOf(record);
      if (read.logId !== this.store.logId) return 'it is of another log';
      const where = this.topics.partitionOf(read.event.stream);
      return where?.topic === topic && where.partition === partition ? read : 'its stream is not on this partition';
    } catch (error) {
      if (error instanceof NotOfTheLog) return error.message;
      throw error;
    }
  }

  async #judge({ event, previous }: EventRecord, { position }: Receiving): Promise<'next' | 'gap' | { readonly refused: string }> {
    if (event.position > this.#head) this.#head = (await this.store.head()).position;
    if (event.position > this.#head) return { refused: 'the log does not reach its position' };
    // Each record names the one before it, so that a whole chain stands on the place that was verified at the start.
    if (previous === position) return 'next';
    if (!(await this.#isInTheLog(event))) return { refused: 'the log holds another event at its position' };
    return previous > position ? 'gap' : 'next';
  }

  async #isInTheLog({ position, id }: StoredEvent): Promise<boolean> {
    try {
      await this.store.verifyPlace({ logId: this.store.logId, position, eventId: id });
      return true;
    } catch (error) {
      if (error instanceof ForeignPlace) return false;
      throw error;
    }
  }

  /** Reads a page of what is missing before a record. @returns false where there is more */
  async #fill(receiving: Receiving, event: StoredEvent, categories: readonly Category[]): Promise<boolean> {
    const { topic, partition } = receiving.place;
    const page = await this.store.readAll({ after: receiving.position, categories, limit: GAP_POSITIONS });
    for (const missing of page.events) {
      const where = this.topics.partitionOf(missing.stream);
      if (missing.position >= event.position || where?.topic !== topic || where.partition !== partition) continue;
      receiving.accept(missing);
      receiving.repaired += 1;
    }
    if (page.next >= event.position - 1 || page.next === receiving.position) return true;
    receiving.passed(page.place);
    return false;
  }
}

/** What has come of a delivery so far. */
class Receiving {
  readonly events: StoredEvent[] = [];
  readonly refused: RefusedRecord[] = [];
  repeated = 0;
  repaired = 0;
  position: number;
  offset: number | null;
  #eventId: string | null;

  constructor(readonly place: PartitionPlace) {
    this.position = place.position;
    this.#eventId = place.eventId;
    this.offset = place.offset;
  }

  accept(event: StoredEvent): void {
    this.events.push(event);
    this.position = event.position;
    this.#eventId = event.id;
  }

  /** Up to here the log holds nothing more of the partition. */
  passed({ position, eventId }: Place): void {
    this.position = position;
    this.#eventId = eventId;
  }

  /** What was refused before is on the list. */
  refuse(record: RefusedRecord): void {
    if (this.place.offset === null || record.offset >= this.place.offset) this.refused.push(record);
  }

  result(rest: readonly KafkaMessage[]): Received {
    const { events, refused, repeated, repaired, position, offset } = this;
    const { topic, partition } = this.place;
    return { events, refused, repeated, repaired, rest, place: { topic, partition, position, offset, eventId: this.#eventId } };
  }
}
