import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtServices, startSystem, type System } from '@annals/local';
import { eventually } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Collector, type CollectedSpan } from './fixtures/collector.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const STARTING_MS = 120_000;
const SAMPLED = '01';

describe('a trace', () => {
  let dataDir = '';
  let collector: Collector;
  let system: System;
  beforeAll(async () => {
    collector = await Collector.start();
    dataDir = await mkdtemp(join(tmpdir(), 'annals-traces-'));
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
    system = await startSystem({ dataDir, services: builtServices(root), durable: false, env });
  }, STARTING_MS);
  afterAll(async () => {
    await system?.stop({ quickly: true });
    await collector?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, STARTING_MS);

  /** Registers somebody in a trace of its own. */
  async function register(flags: string): Promise<{ traceId: string; callerId: string }> {
    const [traceId, callerId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
    const headers = { 'content-type': 'application/json', traceparent: `00-${traceId}-${callerId}-${flags}` };
    const { status } = await fetch(`${system.url}/customers`, { method: 'POST', headers, body: JSON.stringify({ kind: 'person', name: { full: 'Amina Yusuf' } }) });
    expect(status).toBe(201);
    return { traceId, callerId };
  }
  const spansOf = (trace: string): CollectedSpan[] => collector.spans.filter(({ traceId }) => traceId === trace);

  it('leads from the caller through the gateway and the service to every view that shows what came of it', async () => {
    const { traceId, callerId } = await register(SAMPLED);
    const found = await eventually(() => {
      const spans = spansOf(traceId);
      const one = (service: string, name: string): CollectedSpan => {
        const all = spans.filter((span) => span.service === service && span.name === name);
        expect({ service, name, spans: all.length }).toEqual({ service, name, spans: 1 });
        return all[0] as CollectedSpan;
      };
      return { gateway: one('gateway', 'POST /customers'), customers: one('customers', 'POST /customers'), card: one('projections', 'apply card'), matching: one('communications', 'apply matching') };
    }, { withinMs: 60_000, everyMs: 100 });
    expect(found.gateway.parentSpanId).toBe(callerId);
    expect(found.customers.parentSpanId).toBe(found.gateway.spanId);
    expect(found.card.parentSpanId).toBe(found.customers.spanId);
    expect(found.matching.parentSpanId).toBe(found.customers.spanId);
    expect(found.customers.attributes).toEqual({ 'http.request.method': 'POST', 'http.route': '/customers', 'http.response.status_code': 201 });
    expect(found.card.attributes).toEqual({ 'annals.event.type': 'CustomerRegistered' });
  }, 120_000);

  it('is not told where the caller does not want it', async () => {
    const quiet = await register('00');
    const loud = await register(SAMPLED);
    // What was sent later has come by then.
    await eventually(() => expect(spansOf(loud.traceId).map(({ name }) => name)).toEqual(expect.arrayContaining(['POST /customers', 'apply card'])), { withinMs: 60_000, everyMs: 100 });
    expect(spansOf(quiet.traceId)).toEqual([]);
  }, 120_000);

  it('names nobody, and not the address of any record', () => {
    expect(collector.spans.length).toBeGreaterThan(0);
    expect(JSON.stringify(collector.spans)).not.toMatch(/Amina|Yusuf|customer-[0-9a-f]{8}-/);
    expect(collector.spans.filter(({ name }) => /health|metrics/.test(name))).toEqual([]);
  });
});
