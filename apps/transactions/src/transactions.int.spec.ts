import { listen, openLog, parseConfig, type Running } from '@annals/service';
import { httpClient, postgresForTests, settingsForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppModule } from './app.module.js';
import { settings as contract } from './config.js';

const postgres = postgresForTests();
const settings = settingsForTests(postgres);
let running: Running;

async function start(): Promise<Running> {
  const config = parseConfig(contract, { ...settings(), LOG_LEVEL: 'silent' });
  const { log, dependencies } = await openLog(config);
  return await listen({ name: 'transactions', config, module: AppModule.on(log), dependencies });
}

beforeAll(async () => {
  running = await start();
});
afterAll(async () => await running.close());

const http = httpClient(() => running.url);
const batch = async (lines: readonly unknown[], headers: Record<string, string> = {}) => await http.batch('/transactions/batch', lines, headers);

const invoice = (more: object = {}) => ({
  kind: 'invoice',
  issuedOn: '2011-12-09',
  currency: 'GBP',
  lines: [{ sku: '85123A', description: 'WHITE HANGING HEART 心', quantity: '6', unitPrice: '2.55', amountMinor: 1530 }],
  totalMinor: 1530,
  ...more,
});
const referenced = (id: string, more: object = {}) => invoice({ reference: { system: 'till', id }, meta: { source: { system: 'till', recordId: id } }, ...more });

describe('transactions over HTTP', () => {
  it('records a transaction and shows its history', async () => {
    const { status, headers, body } = await http.post('/transactions', invoice(), { 'x-correlation-id': '018f0000-0000-7000-8000-00000000000c' });
    expect(status).toBe(201);
    expect(body).toEqual({ id: body['id'], stream: `transaction-${String(body['id'])}`, revision: 0, outcome: 'created' });
    expect(headers.get('location')).toBe(`/transactions/${String(body['id'])}`);
    expect(headers.get('etag')).toBe('"0"');
    expect(headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-correlation-id')).toBe('018f0000-0000-7000-8000-00000000000c');
    const history = await http.get(`/transactions/${String(body['id'])}/history`);
    expect(history.body).toMatchObject({
      next: null,
      previous: null,
      items: [
        {
          type: 'TransactionRecorded',
          version: 1,
          revision: 0,
          occurredAt: '2011-12-09T00:00:00.000Z',
          effectiveAt: '2011-12-09T00:00:00.000Z',
          actor: { id: 'unverified', kind: 'unverified', assurance: 'none' },
          department: 'default',
          data: { ...invoice(), parties: [] },
        },
      ],
    });
  });

  it('answers a repeated command with its first result, across a restart too', async () => {
    const key = { 'idempotency-key': 'till-1/7' };
    const first = await http.post('/transactions', invoice({ number: '7' }), key);
    const second = await http.post('/transactions', invoice({ number: '7' }), key);
    await running.close();
    running = await start();
    const third = await http.post('/transactions', invoice({ number: '7' }), key);
    expect([first.status, second.status, third.status]).toEqual([201, 201, 201]);
    expect([second.body, third.body]).toEqual([first.body, first.body]);
    expect(third.headers.get('idempotency-key')).toBe('till-1/7');
    expect((await http.get(`/transactions/${String(first.body['id'])}/history`)).body).toMatchObject({ items: [{ revision: 0 }] });
  });

  it('takes the key of a command from its body as well, in any script, and for each line of a batch', async () => {
    const keyed = invoice({ number: '10', key: '收银台-10' });
    const first = await http.post('/transactions', keyed);
    const second = await http.post('/transactions', keyed);
    const [third] = await batch([keyed], { 'if-match': '"7"' });
    expect([first.status, second.body, third?.['id'], third?.['outcome']]).toEqual([201, first.body, first.body['id'], 'created']);
  });

  it('refuses another body under a key that was used', async () => {
    const key = { 'idempotency-key': 'till-1/8' };
    await http.post('/transactions', invoice({ number: '8' }), key);
    const { status, body } = await http.post('/transactions', invoice({ number: '9' }), key);
    expect([status, body['code']]).toEqual([422, 'idempotency-key-reused']);
  });

  it('takes a referenced record once: the same content is unchanged, other content a conflict', async () => {
    const first = await http.post('/transactions', referenced('r-1'));
    const again = await http.post('/transactions', referenced('r-1', { meta: { source: { system: 'till', importId: 'second' } } }));
    const other = await http.post('/transactions', referenced('r-1', { number: 'x' }));
    expect([first.status, again.status, other.status]).toEqual([201, 200, 409]);
    expect(again.body).toEqual({ ...first.body, outcome: 'unchanged' });
    expect(other.body['code']).toBe('transaction-already-recorded');
  });

  it('cancels, guards by If-Match, and knows what is not there', async () => {
    const { body } = await http.post('/transactions', invoice());
    const path = `/transactions/${String(body['id'])}/cancellation`;
    const reason = { reason: { code: 'entered-twice', note: 'by Ann' } };
    const lost = await http.post(path, reason, { 'if-match': '"3"' });
    const cancelled = await http.post(path, reason, { 'if-match': '"0"' });
    const again = await http.post(path, reason);
    const nobody = await http.post('/transactions/018f0000-0000-7000-8000-000000000001/cancellation', reason);
    expect([lost.status, cancelled.status, again.status, nobody.status]).toEqual([412, 200, 200, 404]);
    expect([cancelled.body['outcome'], again.body['outcome'], nobody.body['code']]).toEqual(['changed', 'unchanged', 'transaction-not-found']);
    expect((await http.get(`/transactions/${String(body['id'])}/history?limit=1&cursor=a0`)).body).toMatchObject({
      previous: 'b1',
      items: [{ type: 'TransactionCancelled', data: reason }],
    });
    expect((await http.get('/transactions/018f0000-0000-7000-8000-000000000001/history')).status).toBe(404);
  });

  it('lets one bad line of a batch harm no other', async () => {
    const answers = await batch(
      [
        referenced('b-1'),
        '{"kind": "invoice", oops',
        '',
        referenced('b-2', { totalMinor: 1 }),
        referenced('b-3', { lines: [{ quantity: '1.', unitPrice: '2', amountMinor: 2 }], extra: true }),
        referenced('b-1'),
        referenced('b-1', { number: 'x' }),
        referenced('b-4', { key: 'own-key' }),
      ],
      { 'idempotency-key': 'batch-1' },
    );
    expect(answers.map(({ line, outcome, status, code }) => [line, outcome, status, code])).toEqual([
      [1, 'created', undefined, undefined],
      [2, 'rejected', 400, 'contract-broken'],
      [4, 'rejected', 409, 'total-differs'],
      [5, 'rejected', 400, 'contract-broken'],
      [6, 'unchanged', undefined, undefined],
      [7, 'rejected', 409, 'transaction-already-recorded'],
      [8, 'created', undefined, undefined],
    ]);
    expect(answers[3]?.['errors']).toEqual([
      { pointer: '/lines/0/quantity', detail: 'is not a decimal number' },
      { pointer: '/extra', detail: 'is not a field of this contract' },
    ]);
    const again = await batch([referenced('b-1')], { 'idempotency-key': 'batch-1' });
    expect(again[0]).toEqual(answers[0]);
  });

  it('refuses batches that are too long', async () => {
    const long = await http.post('/transactions/batch', '{}\n'.repeat(5_001), { 'content-type': 'application/x-ndjson' });
    const large = await http.post('/transactions/batch', 'x'.repeat(8_000_001), { 'content-type': 'application/x-ndjson' });
    expect([long.status, large.status]).toEqual([413, 413]);
  });

  it('counts the records of a source system, again as they grow', async () => {
    const lines = Array.from({ length: 700 }, (_, index) => ({ ...referenced(`c-${index}`), kind: index % 2 === 0 ? 'invoice' : 'order', meta: { source: { system: 'counted' } } }));
    expect(new Set((await batch(lines)).map(({ outcome }) => outcome))).toEqual(new Set(['created']));
    const first = await http.get('/sources/counted/counts');
    expect(first.body).toMatchObject({ system: 'counted', transactions: { count: 700, lines: 700, byKind: { invoice: 350, order: 350 }, totalMinor: { GBP: 700 * 1530 } } });
    await http.post('/transactions', invoice({ meta: { source: { system: 'counted' } } }));
    const [second, third] = await Promise.all([http.get('/sources/counted/counts'), http.get('/sources/counted/counts')]);
    expect(second?.body).toMatchObject({ position: Number(first.body['position']) + 1, transactions: { count: 701 } });
    expect(third?.body).toEqual(second?.body);
    expect((await http.get('/sources/nobody/counts')).body).toMatchObject({ transactions: { count: 0 } });
  });
});
