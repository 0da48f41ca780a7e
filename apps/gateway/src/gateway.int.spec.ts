import { Agent, createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { listen, type Running } from '@annals/service';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { gateway } from './gateway.js';

/** Stands in for every service, and does what the test at hand wants. */
let answer: (request: IncomingMessage, response: ServerResponse) => unknown;
let upstream: Server;
let running: Running;

beforeAll(async () => {
  upstream = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  running = await listen(
    gateway({
      HOST: '127.0.0.1',
      PORT: 0,
      LOG_LEVEL: 'silent',
      ANNALS_DEMO: '1',
      ANNALS_TIME_ZONE: 'Europe/London',
      UPSTREAM_TIMEOUT_MS: 400,
      CUSTOMERS_URL: url,
      COMMUNICATIONS_URL: url,
      TRANSACTIONS_URL: 'http://127.0.0.1:9',
      PROJECTIONS_URL: url,
      ANALYTICS_URL: url,
    }),
  );
});

beforeEach(() => {
  answer = (_, response) => response.end('{}');
});

afterAll(async () => {
  await running.close();
  upstream.closeAllConnections();
  upstream.close();
});

const at = (path: string, init?: RequestInit): Promise<Response> => fetch(running.url + path, { redirect: 'manual', ...init });
const json = (body: string, type = 'application/json'): RequestInit => ({ method: 'POST', headers: { 'content-type': type }, body });

describe('what is passed on', () => {
  it('reaches the service with path, query, body, key and correlation id, and comes back with status and headers', async () => {
    answer = async (request, response) => {
      const { 'idempotency-key': key, 'x-correlation-id': correlation } = request.headers;
      response.writeHead(201, { 'content-type': 'application/json', etag: '"0"', location: '/customers/x' });
      response.end(JSON.stringify({ url: request.url, key, correlation, body: await text(request) }));
    };
    const id = '6f1c2f1e-5f2b-4a5e-9c6e-0a4b7c1d2e3f';
    const sent = json('{"kind": "person"}');
    const response = await at('/customers?a=%C3%A9&b=1', { ...sent, headers: { ...sent.headers, 'idempotency-key': 'k1', 'x-correlation-id': id } });
    expect(response.status).toBe(201);
    expect(response.headers.get('etag')).toBe('"0"');
    expect(response.headers.get('location')).toBe('/customers/x');
    expect(response.headers.get('x-correlation-id')).toBe(id);
    expect(await response.json()).toEqual({ url: '/customers?a=%C3%A9&b=1', key: 'k1', correlation: id, body: '{"kind": "person"}' });
  });

  it('loses the prefix that tells a service from another', async () => {
    answer = (request, response) => response.end(JSON.stringify({ url: request.url }));
    const response = await at('/services/customers/sources/retail/counts');
    expect(await response.json()).toEqual({ url: '/sources/retail/counts' });
  });

  it('streams both ways: the service hears the first line before the last is sent, and is heard before it ends', async () => {
    answer = (request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      request.on('data', (chunk: Buffer) => response.write(chunk));
      request.on('end', () => response.end());
    };
    const request = httpRequest(`${running.url}/customers/batch`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } });
    request.write('"first"\n');
    const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    const heard: string[] = [];
    for await (const chunk of response) {
      heard.push(String(chunk));
      if (heard.length === 1) request.end('"last"\n');
    }
    expect(heard.join('')).toBe('"first"\n"last"\n');
  });
});

describe('what is not', () => {
  it.each([
    ['a service that is not there', '/transactions', json('{}'), [503, 'service-unavailable']],
    ['a path that nobody has', '/nothing', {}, [404, 'not-found']],
    ['a method that the path has not', '/customers/batch', { method: 'DELETE' }, [405, 'method-not-allowed']],
    ['a content type that nobody takes', '/customers', json('<a/>', 'text/xml'), [415, 'unsupported-media-type']],
    ['a command larger than any', '/customers', json('x'.repeat(1_048_577)), [413, 'content-too-large']],
    ['a batch larger than any', '/customers/batch', json('x'.repeat(8_000_001), 'application/x-ndjson'), [413, 'content-too-large']],
  ] as const)('answers %s with a problem', async (_, path, init, [status, code]) => {
    const response = await at(path, init);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ status, code });
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(status === 503 ? '1' : null);
  });

  it('answers a service that is silent for too long with 504', async () => {
    answer = () => undefined;
    expect((await at('/customers/x')).status).toBe(504);
  });

  it('answers a service that dies in the middle of a request with 503', async () => {
    answer = (_, response) => response.destroy();
    expect((await at('/customers/x')).status).toBe(503);
  });

  it('does not repeat a request that a service turned away for the moment', async () => {
    let asked = 0;
    answer = (_, response) => {
      asked++;
      response.writeHead(503, { 'retry-after': '0' }).end();
    };
    expect((await at('/customers/x')).status).toBe(503);
    expect(asked).toBe(1);
  });

  it('reads the rest of a body that nobody takes, so that the connection serves the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const statusOf = (path: string, init: { method?: string; headers?: Record<string, string> } = {}, body = ''): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const request = httpRequest(running.url + path, { agent, ...init }, (response) => response.resume().on('end', () => resolve(response.statusCode)));
        request.on('error', reject).end(body);
      });
    const batch = { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } };
    expect(await statusOf('/transactions/batch', batch, 'x'.repeat(2_000_000))).toBe(503);
    expect(await statusOf('/health/live')).toBe(200);
    agent.destroy();
  }, 10_000);

  it('ends the connection where a body of unknown length grows too large', async () => {
    answer = (request) => request.resume();
    const request = httpRequest(`${running.url}/customers`, { method: 'POST', headers: { 'content-type': 'application/json' } });
    const status = new Promise<number | undefined>((resolve) => {
      request.once('response', (response) => resolve(response.statusCode));
      request.once('error', () => resolve(undefined));
    });
    for (let sent = 0; sent < 20; sent++) request.write('x'.repeat(65_536));
    expect(await status).toBe(413);
    request.destroy();
  });
});

describe('what the gateway answers itself', () => {
  it('is not ready, and says which service is not', async () => {
    const response = await at('/health/ready');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ dependencies: { customers: 'ready', transactions: 'ServiceFailed' } });
  });

  it('shows the first page under a policy that lets nothing run', async () => {
    const response = await at('/');
    const page = await response.text();
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page).toContain('DEMO data');
    expect(page).not.toContain('<script');
  });

  it('leads from a search that finds one to the card, with nothing personal in the address', async () => {
    const found = { id: '6f1c2f1e-5f2b-4a5e-9c6e-0a4b7c1d2e3f', kind: 'person', department: 'default', name: { full: '李 <b>雷</b>' }, country: 'CN', references: [] };
    answer = async (request, response) => {
      const body = await text(request);
      const items = body.includes('李') || request.url?.includes('retail') ? [found] : [found, { ...found, name: { erased: true } }];
      response.end(JSON.stringify({ items, next: null, previous: null }));
    };
    const search = (query: string): Promise<Response> => at('/search', { method: 'POST', body: new URLSearchParams({ query }) });
    for (const query of ['李', 'retail:17850']) {
      const one = await search(query);
      expect([one.status, one.headers.get('location')]).toEqual([303, `/view/customers/${found.id}`]);
    }
    const several = await search('l');
    expect(several.status).toBe(200);
    const page = await several.text();
    expect(page).toContain('李 &lt;b&gt;雷&lt;/b&gt;');
    expect(page).toContain('erased');
  });

  it('says in a page what a service has against a request', async () => {
    const refusal = { type: 'about:blank', title: 'Not Found', status: 404, code: 'customer-not-found', detail: 'There is no such <customer>.' };
    answer = (_, response) => response.writeHead(404).end(JSON.stringify(refusal));
    const response = await at('/view/customers/6f1c2f1e-5f2b-4a5e-9c6e-0a4b7c1d2e3f');
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('There is no such &lt;customer&gt;.');
  });

  it('serves the description of the API from its own files', async () => {
    for (const path of ['/docs', '/docs/start.js', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js']) expect((await at(path)).status).toBe(200);
    expect((await at('/docs/package.json')).status).toBe(404);
  });
});
