import type { EventStore } from '@annals/event-store';
import { Gauge } from 'prom-client';

import { kafkaOf, type KafkaConfig } from './config.js';
import { Relay, type RelayOptions } from './relay.js';
import { topicOf, type Publisher } from './topics.js';

/** A relay as something that a service stands on: see `Dependency` of the service shell. */
export interface RelayDependency {
  readonly name: string;
  /** Rejects where nothing is published for good; a broker that is away is waited for, and commands go on. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** What a service's relay needs beside the settings. */
export interface RelayParts extends Pick<RelayOptions, 'leaseUrl' | 'report'> {
  readonly store: EventStore;
  readonly publisher: Publisher;
}

/**
 * The relay of a service, running.
 *
 * @returns nothing where there is no KAFKA_BROKERS
 */
export function relayOf(config: KafkaConfig, { store, publisher, leaseUrl, report }: RelayParts): RelayDependency[] {
  const kafka = kafkaOf(config, `annals-${publisher}`);
  if (kafka === undefined) return [];
  const layout = { partitions: config.KAFKA_PARTITIONS, replicationFactor: config.KAFKA_REPLICATION, minInSyncReplicas: config.KAFKA_MIN_IN_SYNC };
  const relay = new Relay({ store, kafka, topic: topicOf(publisher, config.KAFKA_TOPIC_PREFIX), layout, leaseUrl, report });
  measure(relay, store);
  relay.start();
  const check = (): Promise<void> => (relay.refusal === null ? Promise.resolve() : Promise.reject(new Error(relay.refusal)));
  return [{ name: 'relay', check, close: () => relay.stop() }];
}

function measure(relay: Relay, store: EventStore): void {
  new Gauge({
    name: 'annals_relay_position',
    help: 'Position of the log up to which the broker has acknowledged every event of the topic; -1 where another instance publishes, or nobody can.',
    collect() {
      this.set(relay.position);
    },
  });
  new Gauge({
    name: 'annals_relay_lag',
    help: 'Positions of the log, of whatever events, between its head and what is published; 0 where another instance publishes.',
    async collect() {
      this.set(relay.position < 0 ? 0 : (await store.head()).position - relay.position);
    },
  });
}
