import { randomUUID } from 'node:crypto';
import type { NewEvent } from '@annals/event-store';
import { kafkaSettings } from '@annals/messaging';
import { eventually, kafkaForTests, postgresForTests, settingsForTests } from '@annals/testing';
import { afterEach, describe, expect } from '@jest/globals';
import { z } from 'zod';

import { registry } from './metrics.js';
import { openLog, type OpenedLog } from './open-log.js';
import { withRelay } from './relay.js';

const TEST_MS = 120_000;
const LONG = { withinMs: 60_000, everyMs: 100 };

describe('the metrics of a relay', () => {
  const kafka = kafkaForTests();
  const settings = settingsForTests(postgresForTests());
  let opened: OpenedLog | undefined;
  afterEach(async () => {
    for (const { close } of opened?.dependencies.toReversed() ?? []) await close();
    opened = undefined;
  }, TEST_MS);

  const newEvent = (): NewEvent => ({ id: randomUUID(), type: 'CustomerRegistered', version: 1, data: Buffer.from('{}'), metadata: Buffer.from('{"department":"default","format":1,"occurredAt":"2026-03-03T10:00:00.000Z"}') });
  const append = async (): Promise<void> => void (await opened?.log.store.append(`customer-${randomUUID()}`, 'NoStream', [newEvent()]));
  /** Those of the relay by name, and the log's position. */
  const values = async (): Promise<Record<string, number>> => {
    const lines = (await registry.metrics()).split('\n').filter((line) => /^annals_(relay|log)_/.test(line));
    return Object.fromEntries(lines.map((line) => line.split(' ')).map(([name = '', value]) => [name.replace('annals_', ''), Number(value)]));
  };

  kafka.itWithOwn('say how far it is, how old what waits is, and how it catches up when the broker is back', async () => {
    const config = z.object(kafkaSettings).parse({ KAFKA_BROKERS: kafka.brokers(), KAFKA_TOPIC_PREFIX: `t${randomUUID()}`, KAFKA_PARTITIONS: '3' });
    opened = withRelay(await openLog({ ...settings() }), config, 'customers', settings().KEY_STORE_URL);
    await append();
    await eventually(async () => expect(await values()).toEqual({ log_position: 1, relay_leading: 1, relay_refused: 0, relay_position: 1, relay_lag: 0, relay_lag_seconds: 0 }), LONG);
    await kafka.kill();
    await append();
    await append();
    await eventually(async () => {
      const waiting = await values();
      expect(waiting).toMatchObject({ log_position: 3, relay_refused: 0 });
      // While it looks for the broker it may have given up the lease, and then claims nothing.
      if (waiting['relay_leading'] === 1) expect(waiting['relay_lag']).toBe(2);
      expect(waiting['relay_lag_seconds'] ?? 1).toBeGreaterThan(0.5);
    }, LONG);
    await kafka.restart();
    await eventually(async () => expect(await values()).toMatchObject({ relay_position: 3, relay_lag: 0, relay_lag_seconds: 0 }), LONG);
  }, TEST_MS);
});
