import type { EventStore } from '@annals/event-store';
import { kafkaOf, Relay, topicOf, type KafkaConfig, type Publisher } from '@annals/messaging';
import { Gauge } from 'prom-client';

import { registry } from './metrics.js';
import type { OpenedLog } from './open-log.js';
import { saying } from './say.js';

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
  const relay = new Relay({ store, kafka, topic: topicOf(publisher, config.KAFKA_TOPIC_PREFIX), layout, leaseUrl, report: saying(publisher) });
  measure(relay, store);
  relay.start();
  const check = (): Promise<void> => (relay.refusal === null ? Promise.resolve() : Promise.reject(new Error(relay.refusal)));
  return { ...opened, dependencies: [...opened.dependencies, { name: 'relay', check, close: () => relay.stop() }] };
}

function measure(relay: Relay, store: EventStore): void {
  new Gauge({
    name: 'annals_relay_position',
    help: 'Position of the log up to which the broker has acknowledged every event of the topic; -1 where another instance publishes, or nobody can.',
    registers: [registry],
    collect() {
      this.set(relay.position);
    },
  });
  new Gauge({
    name: 'annals_relay_lag',
    help: 'Positions of the log, whatever their events, between its head and what is published; 0 where another instance publishes.',
    registers: [registry],
    async collect() {
      this.set(relay.position < 0 ? 0 : Math.max(0, (await store.head()).position - relay.position));
    },
  });
}
