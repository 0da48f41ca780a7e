import { readFileSync } from 'node:fs';

import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { z } from 'zod';

const flag = z.enum(['0', '1']).default('0');

/** Settings of a service that publishes to Kafka or reads from it, by the names of their environment variables. */
export const kafkaSettings = {
  /** `host:port,host:port`; without it there is no Kafka, and everybody reads the log itself. */
  KAFKA_BROKERS: z.string().regex(/^[^\s,:]+:\d{1,5}(?:,[^\s,:]+:\d{1,5})*$/, { error: 'it must be host:port, several with commas between them' }).optional(),
  KAFKA_TOPIC_PREFIX: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/).default('annals'),
  KAFKA_PARTITIONS: z.coerce.number().int().min(1).max(1_000).default(12),
  KAFKA_REPLICATION: z.coerce.number().int().min(1).max(10).default(1),
  KAFKA_MIN_IN_SYNC: z.coerce.number().int().min(1).max(10).default(1),
  /** 1 for TLS, with the machine's certificate authorities or with KAFKA_CA_FILE. */
  KAFKA_TLS: flag,
  KAFKA_CA_FILE: z.string().min(1).optional(),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().min(1).optional(),
  /** A file, since the environment of a process is seen by more than its own eyes. */
  KAFKA_SASL_PASSWORD_FILE: z.string().min(1).optional(),
};

/** `kafkaSettings` parsed. */
export type KafkaConfig = z.infer<z.ZodObject<typeof kafkaSettings>>;

/** Tried again by whoever sends or reads, which knows when to stop; kafkajs' own patience is short. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 250, retries: 5 } as const;
const CONNECT_WITHIN_MS = 5_000;

/**
 * The brokers as they are configured; nothing is connected yet.
 *
 * @returns undefined where there is no KAFKA_BROKERS
 * @throws where a file cannot be read, with a sentence that names it
 */
export function kafkaOf(config: KafkaConfig, clientId: string): Kafka | undefined {
  if (config.KAFKA_BROKERS === undefined) return undefined;
  const ca = config.KAFKA_CA_FILE === undefined ? undefined : readFileSync(config.KAFKA_CA_FILE, 'utf8');
  const sasl = saslOf(config);
  return new Kafka({
    clientId,
    brokers: config.KAFKA_BROKERS.split(','),
    ssl: config.KAFKA_TLS === '1' && (ca === undefined ? true : { ca: [ca] }),
    ...(sasl && { sasl }),
    retry: RETRY,
    connectionTimeout: CONNECT_WITHIN_MS,
    // Its trouble is told by those who meet it, in sentences of their own.
    logLevel: logLevel.NOTHING,
  });
}

function saslOf({ KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD_FILE: file }: KafkaConfig): SASLOptions | undefined {
  if (mechanism === undefined) return undefined;
  if (username === undefined || file === undefined) throw new Error('KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE.');
  return { mechanism, username, password: readFileSync(file, 'utf8').trim() };
}
