import type { Category } from '@annals/contracts';
import type { Admin } from 'kafkajs';

/** The services that write events, each with the topic that its relay alone publishes to. */
export const PUBLISHERS = ['customers', 'communications', 'transactions', 'analytics'] as const;

/** One of `PUBLISHERS`. */
export type Publisher = (typeof PUBLISHERS)[number];

/** A topic of the log's events. */
export interface EventTopic {
  readonly name: string;
  /** The categories of streams whose events it holds; what is in no topic is not published. */
  readonly categories: readonly Category[];
}

const TOPICS: Readonly<Record<Publisher, { readonly word: string; readonly categories: readonly Category[] }>> = {
  // References name customers only: communications and transactions have one for good, which needs no claim.
  customers: { word: 'customers', categories: ['customer', 'reference'] },
  communications: { word: 'communications', categories: ['communication', 'followup'] },
  transactions: { word: 'transactions', categories: ['transaction'] },
  analytics: { word: 'segments', categories: ['segmentation', 'membership', 'segmentcount'] },
};

/** The topic that a service publishes to: `annals.customers.events` with the prefix `annals`. */
export function topicOf(publisher: Publisher, prefix: string): EventTopic {
  const { word, categories } = TOPICS[publisher];
  return { name: `${prefix}.${word}.events`, categories };
}

/** How topics are made. */
export interface TopicLayout {
  /** For ever: a key's partition depends on it, and with it the order of a stream. */
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly minInSyncReplicas: number;
}

/** A topic is there and is not as configured. It is left as it is; the message says what differs and what to do. */
export class TopicDiffers extends Error {
  override readonly name = 'TopicDiffers';
}

const REPUBLISH = 'to publish the log anew under other names, set KAFKA_TOPIC_PREFIX to a new one';
const TOPIC_RESOURCE = 2;
const CREATE_WITHIN_MS = 15_000;

/**
 * Makes a topic, or sees that the one that is there is as configured: its events are kept without end, in as many
 * partitions, replicated as often.
 *
 * @throws TopicDiffers, which no retry cures; else what the broker says
 */
export async function ensureTopic(admin: Admin, { name }: EventTopic, layout: TopicLayout): Promise<void> {
  const wanted = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1', 'min.insync.replicas': String(layout.minInSyncReplicas) };
  const { partitions: numPartitions, replicationFactor } = layout;
  const configEntries = Object.entries(wanted).map(([key, value]) => ({ name: key, value }));
  const there = await admin.listTopics();
  // Another instance may be making it at this moment: then nothing is made here, and what is there is looked at.
  if (!there.includes(name)) await admin.createTopics({ topics: [{ topic: name, numPartitions, replicationFactor, configEntries }], waitForLeaders: true, timeout: CREATE_WITHIN_MS });
  await verifyLayout(admin, name, layout);
  await verifyConfiguration(admin, name, wanted);
}

async function verifyLayout(admin: Admin, name: string, { partitions, replicationFactor }: TopicLayout): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  const found = topics[0]?.partitions ?? [];
  if (found.length !== partitions) throw new TopicDiffers(`The topic ${name} has ${found.length} partitions, and KAFKA_PARTITIONS is ${partitions}: streams would change their partitions, and lose their order. Set it to ${found.length}, or, ${REPUBLISH}.`);
  const copies = new Set(found.map(({ replicas }) => replicas.length));
  if (copies.size !== 1 || !copies.has(replicationFactor)) throw new TopicDiffers(`The topic ${name} has ${[...copies].join(' or ')} replicas, and KAFKA_REPLICATION is ${replicationFactor}. Set it to what is there, or have the broker's operator change the topic.`);
}

async function verifyConfiguration(admin: Admin, name: string, wanted: Readonly<Record<string, string>>): Promise<void> {
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: TOPIC_RESOURCE, name, configNames: Object.keys(wanted) }] });
  const found = new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
  for (const [key, value] of Object.entries(wanted)) {
    if (found.get(key) !== value) throw new TopicDiffers(`The topic ${name} has ${key}=${found.get(key) ?? 'nothing'}, and Annals needs ${value}. Have the broker's operator change it, or, ${REPUBLISH}.`);
  }
}
