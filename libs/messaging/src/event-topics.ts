import { CATEGORIES, categoryOf, type Category } from '@annals/contracts';
import type { Kafka } from 'kafkajs';

import { kafkaOf, type KafkaConfig } from './config.js';
import { Consumer } from './consumer.js';
import { DeadLetters } from './dead-letters.js';
import { partitionerOf } from './partitions.js';
import { PUBLISHERS, topicOf, TopicDiffers, type EventTopic } from './topics.js';

/** One partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** How far a topic goes. */
export interface TopicEnds {
  readonly topic: string;
  /** Offset of the first record, by partition. */
  readonly begins: ReadonlyMap<number, number>;
  /** Offset after the last record, by partition. */
  readonly ends: ReadonlyMap<number, number>;
}

/** The topics of a deployment as its readers know them: which events are where, and how they are read. */
export class EventTopics {
  readonly #partitionOf: (stream: string) => number;
  readonly #topics: readonly EventTopic[];

  /**
   * @param reader - who reads, as a part of the names of its groups: `projections`
   * @param layout - `partitions` as the topics are made with, and the prefix of their names
   */
  constructor(
    private readonly kafka: Kafka,
    readonly reader: string,
    private readonly layout: { readonly prefix: string; readonly partitions: number; readonly brokers: readonly string[] },
  ) {
    this.#partitionOf = partitionerOf(layout.partitions);
    this.#topics = PUBLISHERS.map((publisher) => topicOf(publisher, layout.prefix));
  }

  /** `host:port` of the brokers that were configured. */
  get brokers(): readonly string[] {
    return this.layout.brokers;
  }

  /** The topics that hold events of these categories. */
  topicsOf(categories: readonly Category[]): readonly EventTopic[] {
    return this.#topics.filter((topic) => topic.categories.some((category) => categories.includes(category)));
  }

  /** All partitions of these topics. */
  partitionsOf(topics: readonly EventTopic[]): readonly TopicPartition[] {
    return topics.flatMap(({ name }) => Array.from({ length: this.layout.partitions }, (_, partition) => ({ topic: name, partition })));
  }

  /** Where a stream's events are; undefined for a stream that is not published. */
  partitionOf(stream: string): TopicPartition | undefined {
    const category = CATEGORIES.find((known) => known === categoryOf(stream));
    const topic = category && this.#topics.find(({ categories }) => categories.includes(category));
    return topic && { topic: topic.name, partition: this.#partitionOf(stream) };
  }

  /**
   * A member of a group: `<prefix>.<reader>.<name>`.
   *
   * @param name - what reads, and its generation
   * @param wake - called when something was delivered, or the group has changed
   */
  consumer(name: string, topics: readonly EventTopic[], wake: () => void): Consumer {
    return new Consumer({ kafka: this.kafka, groupId: `${this.layout.prefix}.${this.reader}.${name}`, topics: topics.map((topic) => topic.name), wake });
  }

  /** Where notices are left of what a reader could not handle. */
  deadLetters(name: string): DeadLetters {
    return new DeadLetters(this.kafka, `${this.reader}.${name}`);
  }

  /**
   * How far topics go; the relays make them when they start.
   *
   * @throws TopicsMissing where one is not there yet; TopicDiffers where it has another number of partitions than was
   * configured, since its events would be looked for where they are not
   */
  async endsOf(topics: readonly EventTopic[]): Promise<readonly TopicEnds[]> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const there = new Set(await admin.listTopics());
      const missing = topics.find(({ name }) => !there.has(name));
      if (missing !== undefined) throw new TopicsMissing(`the topic ${missing.name} is not there: the service that publishes to it makes it`);
      return await Promise.all(topics.map(async ({ name }) => {
        const offsets = await admin.fetchTopicOffsets(name);
        if (offsets.length !== this.layout.partitions) throw new TopicDiffers(`The topic ${name} has ${offsets.length} partitions, and KAFKA_PARTITIONS is ${this.layout.partitions}. Set it to ${offsets.length}.`);
        return { topic: name, begins: new Map(offsets.map(({ partition, low }) => [partition, Number(low)])), ends: new Map(offsets.map(({ partition, high }) => [partition, Number(high)])) };
      }));
    } finally {
      await admin.disconnect();
    }
  }
}

/** A topic that is to be read is not there, yet. */
export class TopicsMissing extends Error {
  override readonly name = 'TopicsMissing';
}

/** The topics that a service reads, where the settings name brokers. */
export function eventTopicsOf(config: KafkaConfig, reader: string): EventTopics | undefined {
  const kafka = kafkaOf(config, `annals-${reader}`);
  return kafka && new EventTopics(kafka, reader, { prefix: config.KAFKA_TOPIC_PREFIX, partitions: config.KAFKA_PARTITIONS, brokers: config.KAFKA_BROKERS?.split(',') ?? [] });
}
