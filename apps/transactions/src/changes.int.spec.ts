import { listen, openLog, parseConfig, type Running } from '@annals/service';
import { httpClient, postgresForTests, settingsForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppModule } from './app.module.js';
import { settings as contract } from './config.js';

const postgres = postgresForTests();
const settings = settingsForTests(postgres);
const http = httpClient(() => running.url);
let running: Running;

beforeAll(async () => {
  const config = parseConfig(contract, { ...settings(), LOG_LEVEL: 'silent' });
  const { log, dependencies } = await openLog(config);
  running = await listen({ name: 'transactions', config, module: AppModule.on(log), dependencies });
});
afterAll(async () => await running.close());

const party = { customerId: '018f0000-0000-7000-8000-0000000000d1', role: 'payer' };
const order = { kind: 'order', issuedOn: '2024-02-29', currency: 'GBP', lines: [], totalMinor: 0 };

async function newTransaction(): Promise<string> {
  const { body } = await http.post('/transactions', order);
  return String(body['id']);
}

/** Each change as a route and a body, in an order in which each changes something. */
const all: [route: string, body: object][] = [
  ['parties', party],
  ['parties/removals', party],
  ['cancellation', { reason: { code: 'entered-twice' } }],
];
const types = ['TransactionRecorded', 'TransactionAttributed', 'TransactionUnattributed', 'TransactionCancelled'];

async function typesOf(transaction: string): Promise<unknown[]> {
  const { body } = await http.get(`/transactions/${transaction}/history`);
  return (body['items'] as { type: string }[]).map(({ type }) => type);
}

describe('changes of a transaction', () => {
  it('are each one event, by a route of its own, and nothing the second time', async () => {
    const transaction = await newTransaction();
    for (const [index, [route, body]] of all.entries()) {
      const first = await http.post(`/transactions/${transaction}/${route}`, body);
      const again = await http.post(`/transactions/${transaction}/${route}`, body);
      expect([route, first.status, first.body['outcome'], first.body['revision'], again.body['outcome']]).toEqual([route, 200, 'changed', index + 1, 'unchanged']);
    }
    expect(await typesOf(transaction)).toEqual(types);
  });

  it('are the same as lines of a batch', async () => {
    const transaction = await newTransaction();
    for (const [index, [change, body]] of all.entries()) {
      const [line] = await http.batch('/transactions/changes/batch', [{ transaction, change, ...body }]);
      expect(line).toEqual({ line: 1, outcome: 'changed', id: transaction, stream: `transaction-${transaction}`, revision: index + 1 });
    }
    expect(await typesOf(transaction)).toEqual(types);
    const [unknown] = await http.batch('/transactions/changes/batch', [{ transaction, change: 'payment' }]);
    expect(unknown).toMatchObject({ outcome: 'rejected', status: 400, errors: [{ pointer: '/change' }] });
  });

  it('take one key for one of them', async () => {
    const transaction = await newTransaction();
    const key = { 'idempotency-key': 'once' };
    await http.post(`/transactions/${transaction}/parties`, party, key);
    const { status, body } = await http.post(`/transactions/${transaction}/parties/removals`, party, key);
    expect([status, body['code']]).toEqual([422, 'idempotency-key-reused']);
  });

  it('answer sums that differ with 409, the difference and where it lies', async () => {
    const { status, body } = await http.post('/transactions', { ...order, lines: [{ quantity: '2', unitPrice: '1.005', amountMinor: 200 }], totalMinor: 200 });
    expect([status, body['code'], body['detail']]).toEqual([409, 'line-amount-differs', expect.stringMatching(/^\/lines\/0\/amountMinor is 200, .* a difference of -1\.$/)]);
  });
});
