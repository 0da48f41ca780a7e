import { request } from 'node:http';
import { connect } from 'node:net';
import { openMemoryStore } from '@annals/event-store';
import { createEventCodec, createIdentities, memoryKeyStore } from '@annals/sealing';
import { listen, Log, type Running } from '@annals/service';
import { httpClient } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppModule } from './app.module.js';

const store = openMemoryStore();
const identities = createIdentities(new Uint8Array(32).fill(1));
const log = new Log(store, createEventCodec({ identities, keys: memoryKeyStore(new Uint8Array(32).fill(2)) }), identities);
const http = httpClient(() => running.url);
let running: Running;

beforeAll(async () => {
  const config = { HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0' } as const;
  const dependencies = [{ name: 'event-store', check: () => store.head(), close: () => store.close() }];
  running = await listen({ name: 'transactions', config, module: AppModule.on(log), dependencies });
});
afterAll(async () => await running.close());

const line = { quantity: '6', unitPrice: '2.55', amountMinor: 1530 };
const invoice = { kind: 'invoice', issuedOn: '2011-12-09', currency: 'GBP', lines: [line], totalMinor: 1530 };
const withLine = (more: object) => ({ ...invoice, lines: [{ ...line, ...more }] });
const literal = (field: string, json: string): string => JSON.stringify({ ...invoice, [field]: '@' }).replace('"@"', json);

const bodies: [what: string, body: unknown, pointer: string][] = [
  ['no JSON', '{"kind": invoice}', ''],
  ['JSON that ends too early', '{"kind": "invoice"', ''],
  ['an empty body', '', ''],
  ['a text', '"invoice"', ''],
  ['null', 'null', ''],
  ['an array', '[]', ''],
  ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, ''],
  ['a missing field', { ...invoice, currency: undefined }, '/currency'],
  ['a wrong type', { ...invoice, totalMinor: '1530' }, '/totalMinor'],
  ['an unknown field', { ...invoice, totl: 1 }, '/totl'],
  ['an unknown field whose name needs escaping', { ...invoice, 'a/b~c': 1 }, '/a~1b~0c'],
  ['an unknown field deep inside', withLine({ price: 1 }), '/lines/0/price'],
  ['an unknown field named __proto__', literal('totalMinor', '1530, "__proto__": {"kind": "order"}'), '/__proto__'],
  ['an unknown kind', { ...invoice, kind: 'bill' }, '/kind'],
  ['a date that is none', { ...invoice, issuedOn: '2011-02-30' }, '/issuedOn'],
  ['an instant that is none', { ...invoice, meta: { occurredAt: '2011-12-09T25:00:00Z' } }, '/meta/occurredAt'],
  ['an instant that is not in UTC', { ...invoice, meta: { occurredAt: '2011-12-09T10:00:00+01:00' } }, '/meta/occurredAt'],
  ['a zone that is none', { ...invoice, meta: { zone: 'Europe/Londres' } }, '/meta/zone'],
  ['an amount of 2^53', literal('totalMinor', '9007199254740992'), '/totalMinor'],
  ['an amount beyond 2^53', literal('totalMinor', '9007199254740993'), '/totalMinor'],
  ['an amount with a fraction', literal('totalMinor', '15.3'), '/totalMinor'],
  ['an amount of 1e400', literal('totalMinor', '1e400'), '/totalMinor'],
  ['a number where a decimal text is asked for', withLine({ quantity: 6 }), '/lines/0/quantity'],
  ['a decimal text that is none', withLine({ unitPrice: '2,55' }), '/lines/0/unitPrice'],
  ['U+0000', withLine({ description: 'a\u0000b' }), '/lines/0/description'],
  ['an unpaired surrogate', withLine({ description: 'a\ud800b' }), '/lines/0/description'],
  ['an unpaired surrogate in a name', { ...invoice, 'a\ud800': 1 }, '/a\ud800'],
  ['U+0000 in a name', { ...invoice, 'a\u0000': 1 }, '/a\u0000'],
  ['a text that is too long', withLine({ sku: 'x'.repeat(101) }), '/lines/0/sku'],
  ['an id that is none', { ...invoice, id: 'A' }, '/id'],
  ['too many lines', { ...invoice, lines: Array.from({ length: 5_001 }, () => line) }, '/lines'],
];

describe('what is refused, and how', () => {
  it.each(bodies)('answers 400 with a pointer for %s', async (_, body, pointer) => {
    const { status, headers, body: problem } = await http.post('/transactions', body);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect({ status, problem }).toMatchObject({ status: 400, problem: { code: 'contract-broken', errors: [{ pointer, detail: expect.any(String) }] } });
  });

  it('answers the same for a line of a batch, and records none of them', async () => {
    const lines = bodies.filter(([, body]) => body !== '').map(([, body]) => body);
    const pointers = bodies.filter(([, body]) => body !== '').map(([, , pointer]) => pointer);
    const answers = await http.batch('/transactions/batch', lines);
    expect(answers.map(({ outcome, status }) => [outcome, status])).toEqual(lines.map(() => ['rejected', 400]));
    expect(answers.map(({ errors }) => errors)).toMatchObject(pointers.map((pointer) => [{ pointer }]));
    expect((await store.head()).position).toBe(0);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const response = await fetch(`${running.url}/transactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('7b226b696e64223a22ff227d', 'hex'),
    });
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ pointer: '', detail: 'is not UTF-8' }] }]);
  });

  it('points into path, query and headers', async () => {
    const id = '018f0000-0000-7000-8000-000000000001';
    const answers = await Promise.all([
      http.get('/transactions/42/history'),
      http.get(`/transactions/${id}/history?limit=0&cursr=1`),
      http.get('/sources/Till/counts'),
      http.post('/transactions', invoice, { 'if-match': 'W/"1"' }),
      http.post('/transactions', invoice, { 'idempotency-key': 'a b' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
    expect(answers.map(({ body }) => body['errors'])).toMatchObject([
      [{ pointer: '/path/id' }],
      [{ pointer: '/query/limit' }, { pointer: '/query/cursr' }],
      [{ pointer: '/path/system' }],
      [{ pointer: '/headers/if-match' }],
      [{ pointer: '/headers/idempotency-key' }],
    ]);
  });

  it('names other content types, sizes, methods and paths for what they are', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const ndjson = { 'content-type': 'application/x-ndjson' };
    const answers = await Promise.all([
      http.post('/transactions', 'a=1', form),
      http.post('/transactions', invoice, ndjson),
      http.post('/transactions/batch', invoice),
      http.post('/transactions', withLine({ description: 'x'.repeat(1_100_000) })),
      http.get('/transactions'),
      http.get('/transactions/%zz/history'),
      http.get('/nothing'),
    ]);
    expect(answers.map(({ status, body }) => [status, body['status'], body['code']])).toEqual([
      [415, 415, 'unsupported-media-type'],
      [415, 415, 'unsupported-media-type'],
      [415, 415, 'unsupported-media-type'],
      [413, 413, 'payload-too-large'],
      [405, 405, 'method-not-allowed'],
      [400, 400, 'malformed-url'],
      [404, 404, 'not-found'],
    ]);
    expect(answers[4]?.headers.get('allow')).toBe('POST');
  });

  it('refuses what would be too large an event', async () => {
    const lines = Array.from({ length: 4_500 }, () => ({ ...line, description: 'x'.repeat(100) }));
    const { status, body } = await http.post('/transactions', { ...invoice, lines, totalMinor: 4_500 * 1530 });
    expect([status, body['code']]).toEqual([413, 'event-too-large']);
  });

  it('answers what is not HTTP, and does not answer a connection that is cut', async () => {
    const { port } = running;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('HELLO\r\n\r\n'));
      socket.once('data', (data) => resolve(data.toString()));
      socket.once('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*"code":"malformed-http"/s);
    await new Promise<void>((resolve) => {
      const cut = request({ port, path: '/transactions', method: 'POST', headers: { 'content-type': 'application/json', 'content-length': 100 } });
      cut.once('error', () => resolve());
      cut.write('{"kind"', () => cut.destroy(new Error('cut')));
    });
    expect((await http.get('/health/ready')).status).toBe(200);
  });
});
