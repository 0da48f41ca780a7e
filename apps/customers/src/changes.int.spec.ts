import { listen, openLog, parseConfig, type Log, type Running } from '@annals/service';
import { httpClient, postgresForTests, settingsForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppModule } from './app.module.js';
import { settings as contract } from './config.js';

const postgres = postgresForTests();
const settings = settingsForTests(postgres);
const http = httpClient(() => running.url);
let running: Running;
let log: Log;

beforeAll(async () => {
  const config = parseConfig(contract, { ...settings(), LOG_LEVEL: 'silent' });
  const opened = await openLog(config);
  log = opened.log;
  running = await listen({ name: 'customers', config, module: AppModule.on(log), dependencies: opened.dependencies });
});
afterAll(async () => await running.close());

async function newCustomer(more: object = {}): Promise<string> {
  const { body } = await http.post('/customers', { kind: 'person', ...more });
  return String(body['id']);
}

const point = { id: '018f0000-0000-7000-8000-0000000000c1', kind: 'phone', raw: '+442079460018' };
const reason = { code: 'moved', note: 'says Zoë' };

/** Each change as a route and a body, in an order in which each changes something. */
const all: [route: string, body: object][] = [
  ['profile', { name: { full: '王小明' }, names: { latn: { full: 'Wang Xiaoming' } }, birthday: '2000-02-29', attributes: { nick: { type: 'text', value: 'Ming' }, tier: { type: 'code', value: 'gold' } } }],
  ['contact-points', point],
  ['contact-points/verifications', { id: point.id, method: 'call' }],
  ['contact-points/removals', { id: point.id, reason }],
  ['references', { system: 'erp', id: 'E-1' }],
  ['references/removals', { system: 'erp', id: 'E-1' }],
  ['assignments', { role: 'owner', staffId: 'staff-7', department: 'uk/sales' }],
  ['assignments/removals', { role: 'owner' }],
  ['tags', { tag: '老客户' }],
  ['tags/removals', { tag: '老客户' }],
  ['deactivation', { reason }],
  ['reactivation', { reason }],
  ['duplicates/dismissals', { other: '018f0000-0000-7000-8000-0000000000ff', reason }],
  ['duplicates/dismissals/removals', { other: '018f0000-0000-7000-8000-0000000000ff', reason }],
  ['profiling-objection', { reason }],
  ['profiling-permission', {}],
];
const types = [
  'CustomerProfileChanged',
  'ContactPointAdded',
  'ContactPointVerified',
  'ContactPointRemoved',
  'ReferenceAdded',
  'ReferenceRemoved',
  'CustomerAssigned',
  'CustomerUnassigned',
  'CustomerTagged',
  'CustomerUntagged',
  'CustomerDeactivated',
  'CustomerReactivated',
  'DuplicateDismissed',
  'DuplicateDismissalWithdrawn',
  'ProfilingObjected',
  'ProfilingAllowed',
];

async function typesOf(customer: string): Promise<unknown[]> {
  const { body } = await http.get(`/customers/${customer}/history`);
  return (body['items'] as { type: string }[]).map(({ type }) => type);
}

describe('changes of a customer', () => {
  it('are each one event, by a route of its own, and nothing the second time', async () => {
    const customer = await newCustomer();
    for (const [index, [route, body]] of all.entries()) {
      const first = await http.post(`/customers/${customer}/${route}`, body);
      const again = await http.post(`/customers/${customer}/${route}`, body);
      expect([route, first.status, first.body['outcome'], first.body['revision'], again.body['outcome']]).toEqual([route, 200, 'changed', index + 1, 'unchanged']);
    }
    expect(await typesOf(customer)).toEqual(['CustomerRegistered', ...types]);
    const stored = await log.store.readStream(`customer-${customer}`);
    expect(Buffer.concat(stored.map(({ data }) => data)).toString()).not.toMatch(/小明|Xiaoming|Ming|2000-02|7946|Zoë/);
  });

  it('are the same as lines of a batch, each with a fate of its own', async () => {
    const customer = await newCustomer();
    const nobody = '018f0000-0000-7000-8000-000000000001';
    for (const [index, [change, body]] of all.entries()) {
      const [line] = await http.batch('/customers/changes/batch', [{ customer, change, ...body }]);
      expect(line).toEqual({ line: 1, outcome: 'changed', id: customer, stream: `customer-${customer}`, revision: index + 1 });
    }
    expect(await typesOf(customer)).toEqual(['CustomerRegistered', ...types]);
    const answers = await http.batch('/customers/changes/batch', [
      { customer: nobody, change: 'tags', tag: 'a' },
      { customer, change: 'tags', tag: ' a' },
      { customer, change: 'tags', tag: 'a', extra: 1 },
      { customer, change: 'nonsense' },
      { customer, change: 'tags', tag: 'a' },
    ]);
    expect(answers.map(({ outcome, code, errors }) => [outcome, code, (errors as { pointer: string }[] | undefined)?.[0]?.pointer])).toEqual([
      ['rejected', 'customer-not-found', undefined],
      ['rejected', 'contract-broken', '/tag'],
      ['rejected', 'contract-broken', '/extra'],
      ['rejected', 'contract-broken', '/change'],
      ['changed', undefined, undefined],
    ]);
  });

  it('take one key for one of them', async () => {
    const customer = await newCustomer();
    const key = { 'idempotency-key': 'once' };
    const put = await http.post(`/customers/${customer}/tags`, { tag: 'a' }, key);
    const taken = await http.post(`/customers/${customer}/tags/removals`, { tag: 'a' }, key);
    const again = await http.post(`/customers/${customer}/tags`, { tag: 'a' }, key);
    expect([put.body, taken.status, taken.body['code']]).toEqual([again.body, 422, 'idempotency-key-reused']);
  });

  it('guard by If-Match', async () => {
    const customer = await newCustomer();
    const lost = await http.post(`/customers/${customer}/references`, { system: 'erp', id: 'E-guarded' }, { 'if-match': '"4"' });
    const other = await newCustomer();
    const free = await http.post(`/customers/${other}/references`, { system: 'erp', id: 'E-guarded' }, { 'if-match': '"0"' });
    expect([lost.status, free.status]).toEqual([412, 200]);
  });
});
