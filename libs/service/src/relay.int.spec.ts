import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { NewEvent } from '@annals/event-store';
import { kafkaSettings } from '@annals/messaging';
import { eventually, kafkaForTests, postgresForTests, settingsForTests } from '@annals/testing';
import { afterEach, describe, expect } from '@jest/globals';
import { z } from 'zod';

import { registry } from './metrics.js';
import { openLog, type OpenedLog } from './open-log.js';
import { withRelay } from './relay.js';
import { startTracing } from './tracing.js';

const TEST_MS = 120_000;
const LONG = { withinMs: 60_000, everyMs: 100 };

describe('a relay', () => {
  const kafka = kafkaForTests();
  const settings = settingsForTests(postgresForTests());
  let opened: OpenedLog | undefined;
  afterEach(async () => {
    for (const { close } of opened?.dependencies.toReversed() ?? []) await close();
    opened = undefined;
  }, TEST_MS);

  const newEvent = (more: object = {}): NewEvent => ({ id: randomUUID(), type: 'CustomerRegistered', version: 1, data: Buffer.from('{}'), metadata: Buffer.from(JSON.stringify({ department: 'default', format: 1, occurredAt: '2026-03-03T10:00:00.000Z', ...more })) });
  const append = async (more?: object): Promise<void> => void (await opened?.log.store.append(`customer-${randomUUID()}`, 'NoStream', [newEvent(more)]));
  /** Those of the relay by name, and the log's position. */
  const values = async (): Promise<Record<string, number>> => {
    const lines = (await registry.metrics()).split('\n').filter((line) => /^annals_(relay|log)_/.test(line));
    return Object.fromEntries(lines.map((line) => line.split(' ')).map(([name = '', value]) => [name.replace('annals_', ''), Number(value)]));
  };

  kafka.itWithOwn('says by metrics how far it is, how old what waits is, and how it catches up when the broker is back', async () => {
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

  kafka.it('goes on with the trace of each request whose event it publishes', async () => {
    const bodies: string[] = [];
    const collector = createServer((request, response) => {
      void text(request).then((body) => {
        bodies.push(body);
        response.end('{}');
      });
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const { port } = collector.address() as AddressInfo;
    const endTracing = startTracing('customers', `http://127.0.0.1:${port}`);
    const prefix = `t${randomUUID()}`;
    opened = withRelay(await openLog({ ...settings() }), z.object(kafkaSettings).parse({ KAFKA_BROKERS: kafka.brokers(), KAFKA_TOPIC_PREFIX: prefix }), 'customers', settings().KEY_STORE_URL);
    const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    await append({ traceparent: `00-${traceId}-${spanId}-01` });
    await append({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' });
    const head = await opened.log.store.head();
    await eventually(async () => expect(await values()).toMatchObject({ relay_position: head.position }), LONG);
    await endTracing();
    collector.close();
    collector.closeAllConnections();
    const spans = bodies.join('').match(/\{"traceId"[^]*?"name":"[^"]*"/g) ?? [];
    expect(spans).toHaveLength(1);
    expect(spans[0]).toContain(`"traceId":"${traceId}"`);
    expect(spans[0]).toContain(`"parentSpanId":"${spanId}"`);
    expect(spans[0]).toContain(`"name":"publish ${prefix}.customers.events"`);
  }, TEST_MS);
});
