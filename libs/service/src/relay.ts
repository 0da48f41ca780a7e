import { metadata } from '@annals/contracts';
import type { EventStore, StoredEvent } from '@annals/event-store';
import { kafkaOf, Relay, topicOf, type KafkaConfig, type Publisher } from '@annals/messaging';

import { secondsBehind } from './lag.js';
import { measureAtScrape } from './metrics.js';
import type { OpenedLog } from './open-log.js';
import { saying } from './say.js';
import { isTracing, traceEvents, type TracedEvent } from './tracing.js';

/**
 * Publishes a service's events to Kafka, where the settings name brokers. The service stands on it only as far as what no
 * waiting cures makes it unready: a broker that is away is waited for, and commands go on.
 *
 * @param publisher - whose topic it is
 * @param leaseUrl - a PostgreSQL that all instances reach, by which one of them publishes
 */
export function withRelay(opened: OpenedLog, config: KafkaConfig, publisher: Publisher, leaseUrl: string): OpenedLog {
  const kafka = kafkaOf(config, `annals-${publisher}`);
  if (kafka === undefined) return opened;
  const { store } = opened.log;
  const layout = { partitions: config.KAFKA_PARTITIONS, replicationFactor: config.KAFKA_REPLICATION, minInSyncReplicas: config.KAFKA_MIN_IN_SYNC };
  const topic = topicOf(publisher, config.KAFKA_TOPIC_PREFIX);
  const relay = new Relay({ store, kafka, topic, layout, leaseUrl, report: saying(publisher), onPublished: (events, begun) => traceEvents(`publish ${topic.name}`, tracedOf(events), begun) });
  measure(relay, store, topic.categories);
  relay.start();
  const check = (): Promise<void> => (relay.refusal === null ? Promise.resolve() : Promise.reject(new Error(relay.refusal)));
  return { ...opened, dependencies: [...opened.dependencies, { name: 'relay', check, close: () => relay.stop() }] };
}

const traced = metadata.pick({ traceparent: true });

function* tracedOf(events: readonly StoredEvent[]): Generator<TracedEvent> {
  if (!isTracing()) return;
  for (const { type, recordedAt, metadata: bytes } of events) yield { type, recordedAt, metadata: traced.parse(JSON.parse(new TextDecoder().decode(bytes))) };
}

const GAUGES = {
  annals_relay_leading: { help: '1 where this instance publishes; 0 where another does, or nobody can.' },
  annals_relay_refused: { help: '1 where nothing is published until somebody acts: the log says why.' },
  annals_relay_position: { help: 'Position of the log up to which the broker has acknowledged every event of the topic.' },
  annals_relay_lag: { help: 'Positions of the log, whatever their events, between its head and what is published.' },
  annals_relay_lag_seconds: { help: 'Age of the oldest event of the topic that is not published; 0 where there is none.' },
} as const;

/** How far an instance is that publishes; the others leave it to that one to say. */
function measure(relay: Relay, store: EventStore, categories: readonly string[]): void {
  measureAtScrape(GAUGES, async () => {
    const { position, refusal } = relay;
    const state = [
      { name: 'annals_relay_leading', value: position < 0 ? 0 : 1 },
      { name: 'annals_relay_refused', value: refusal === null ? 0 : 1 },
    ] as const;
    if (position < 0) return state;
    const head = await store.head();
    return [
      ...state,
      { name: 'annals_relay_position', value: position },
      { name: 'annals_relay_lag', value: Math.max(0, head.position - position) },
      { name: 'annals_relay_lag_seconds', value: await secondsBehind(store, position, categories) },
    ];
  });
}
