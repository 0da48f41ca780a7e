import { commandBase } from '@annals/contracts';
import { openMemoryStore, StoreUnavailable } from '@annals/event-store';
import { httpClient } from '@annals/testing';
import { Controller, Get, Module, Post, type StreamableFile } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { answerBatch } from './batch.js';
import { FromCall, type Call } from './call.js';
import type { Command } from './command.js';
import { memoryLog, storeWith } from './fixtures/memory-log.js';
import type { Dependency } from './health.controller.js';
import { Roles, WRITERS } from './roles.js';
import { listen, type Running } from './start.js';

const store = openMemoryStore();
let available = true;
let tried = 0;
const log = memoryLog(
  storeWith(store, {
    append: async (...args) => {
      tried += 1;
      if (!available) throw new StoreUnavailable('postgres://secret@host');
      return await store.append(...args);
    },
  }),
);
const stream = 'transaction-018f0000-0000-7000-8000-000000000001';

const sample = z.strictObject({ ...commandBase, says: z.string() });

@Controller()
class SampleController {
  @Post('sample/batch')
  @Roles(...WRITERS)
  sample(@FromCall() call: Call): StreamableFile {
    const handle = async (command: Command<z.infer<typeof sample>>) => {
      if (command.body.says === 'defect') throw new TypeError('canary');
      const { revision } = await log.append(stream, 'Any', [{ type: 'TransactionCancelled', data: { reason: { code: 'a' } } }], command.metadata());
      return { stream, revision, outcome: 'changed', erased: [] } as const;
    };
    return answerBatch({ call, identities: log.identities, schema: sample, handle });
  }

  @Get('sample/defect')
  @Roles(...WRITERS)
  defect(): never {
    throw new TypeError('canary');
  }
}

@Module({ controllers: [SampleController] })
class SampleModule {}

const dependency: Dependency = {
  name: 'event-store',
  check: async () => {
    if (!available) throw new StoreUnavailable('postgres://secret@host');
  },
  close: async () => undefined,
};
let running: Running;
const http = httpClient(() => running.url);

beforeAll(async () => {
  const config = { HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '1' } as const;
  running = await listen({ name: 'sample', config, module: { module: SampleModule }, dependencies: [dependency] });
});
afterAll(async () => await running.close());

describe('what goes wrong on our side', () => {
  it('is a 500 of that line alone, without a word about it', async () => {
    const lines = await http.batch('/sample/batch', [{ says: 'a' }, { says: 'defect' }, { says: 'b' }]);
    expect(lines.map(({ outcome, status }) => [outcome, status])).toEqual([
      ['changed', undefined],
      ['rejected', 500],
      ['changed', undefined],
    ]);
    const { status, body } = await http.get('/sample/defect');
    expect([status, body['code']]).toEqual([500, 'internal']);
    expect(JSON.stringify([lines, body])).not.toContain('canary');
  });

  it('does not try line after line while the log is away', async () => {
    available = false;
    tried = 0;
    try {
      const lines = await http.batch('/sample/batch', Array.from({ length: 2_000 }, () => ({ says: 'a' })));
      expect(new Set(lines.map(({ outcome, status }) => `${String(outcome)} ${String(status)}`))).toEqual(new Set(['rejected 503']));
      expect(tried).toBeLessThanOrEqual(256);
      expect(JSON.stringify(lines)).not.toContain('secret');
    } finally {
      available = true;
    }
  });

  it('makes the service unready, by the name of what is missing', async () => {
    expect((await http.get('/health/ready')).body).toEqual({ status: 'ready', service: 'sample', demo: true, dependencies: { 'event-store': 'ready' } });
    available = false;
    try {
      const { status, headers, body } = await http.get('/health/ready');
      expect([status, headers.get('retry-after'), headers.get('content-type')]).toEqual([503, '1', 'application/problem+json; charset=utf-8']);
      expect(body).toMatchObject({ code: 'not-ready', detail: 'sample cannot work: event-store.', dependencies: { 'event-store': 'StoreUnavailable' } });
      expect((await http.get('/health/live')).status).toBe(200);
    } finally {
      available = true;
    }
  });
});

describe('what a service says about itself', () => {
  it('has its routes with their problems in OpenAPI, and not those of its operators', async () => {
    const { body } = await http.get('/openapi.json');
    expect(body).toMatchObject({ openapi: '3.1.0', paths: { '/sample/batch': { post: { responses: { 400: {}, 409: {}, 422: {}, 503: {} } } } }, components: { schemas: { Problem: { type: 'object' } } } });
    expect(Object.keys(Object(body['paths']))).toEqual(['/sample/batch', '/sample/defect']);
  });

  it('has durations by route in its metrics', async () => {
    const text = await (await fetch(`${running.url}/metrics`)).text();
    expect(text).toMatch(/annals_http_request_duration_seconds_count\{method="GET",route="\/sample\/defect",status="500"\} 1/);
    expect(text).toContain('annals_append_duration_seconds_bucket');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });
});
