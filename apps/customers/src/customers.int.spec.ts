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

const person = (more: object = {}) => ({ kind: 'person', name: { full: '王小明' }, country: 'GB', ...more });
const referenced = (id: string, more: object = {}) => person({ reference: { system: 'crm', id }, meta: { source: { system: 'crm', recordId: id } }, ...more });

describe('customers over HTTP', () => {
  it('registers, changes and shows a customer, sealed in the log and open in its history', async () => {
    const made = await http.post('/customers', person({ contactPoints: [{ kind: 'phone', raw: '020 7946 0018' }] }));
    expect([made.status, made.body['outcome']]).toEqual([201, 'created']);
    const id = String(made.body['id']);
    const changed = await http.post(`/customers/${id}/profile`, { language: 'zh-Hans', country: 'GB' });
    const same = await http.post(`/customers/${id}/profile`, { language: 'zh-Hans' });
    const added = await http.post(`/customers/${id}/contact-points`, { kind: 'email', raw: 'ming@EXAMPLE.com' });
    const known = await http.post(`/customers/${id}/contact-points`, { kind: 'phone', raw: '+442079460018' });
    expect([changed, same, added, known].map(({ status, body }) => [status, body['outcome'], body['revision']])).toEqual([
      [200, 'changed', 1],
      [200, 'unchanged', 1],
      [200, 'changed', 2],
      [200, 'unchanged', 2],
    ]);
    const { body } = await http.get(`/customers/${id}/history`);
    expect(body['items']).toMatchObject([
      { type: 'CustomerRegistered', data: { name: { full: '王小明' }, contactPoints: [{ raw: '020 7946 0018', normalised: '+442079460018' }] } },
      { type: 'CustomerProfileChanged', data: { language: 'zh-Hans' } },
      { type: 'ContactPointAdded', data: { kind: 'email', raw: 'ming@EXAMPLE.com', normalised: 'ming@example.com' } },
    ]);
    const stored = await log.store.readStream(`customer-${id}`);
    expect(Buffer.concat(stored.map(({ data }) => data)).toString()).not.toMatch(/王小明|7946|ming@/);
  });

  it('makes one customer of sixteen racing callers with one reference, and of repeats without an id', async () => {
    const racing = await Promise.all(Array.from({ length: 16 }, () => http.post('/customers', referenced('race'))));
    expect(new Set(racing.map(({ body }) => body['id'])).size).toBe(1);
    expect(racing.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(racing.filter(({ body }) => body['outcome'] === 'unchanged')).toHaveLength(15);
    const keyed = await Promise.all(Array.from({ length: 16 }, () => http.post('/customers', person(), { 'idempotency-key': 'one' })));
    expect(keyed.map(({ status, body }) => [status, body])).toEqual(Array.from({ length: 16 }, () => [201, keyed[0]?.body]));
  });

  it('gives a reference to one of two that say different things', async () => {
    const racing = await Promise.all(['Ann', 'Bob', 'Cem', 'Dee'].map((full) => http.post('/customers', referenced('disputed', { name: { full } }))));
    expect(racing.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(racing.find(({ status }) => status === 409)?.body['code']).toBe('customer-already-recorded');
  });

  it('lets sixteen callers change one customer at once and loses nothing', async () => {
    const { body } = await http.post('/customers', person());
    const path = `/customers/${String(body['id'])}/contact-points`;
    const added = await Promise.all(Array.from({ length: 16 }, (_, index) => http.post(path, { kind: 'wechat', raw: `ming-${index}` })));
    expect(new Set(added.map((answer) => answer.body['revision'])).size).toBe(16);
    expect(added.every(({ status }) => status === 200)).toBe(true);
  });

  it('writes a record whose claim was left behind to the target of that claim', async () => {
    const target = '018f0000-0000-7000-8000-0000000000aa';
    const claimOn = (id: string): string => `reference-${log.identities.referencedId('customer', 'crm', id)}`;
    await http.post('/customers', referenced('other'));
    const [claim] = await log.read(claimOn('other'));
    if (claim === undefined) throw new Error('a reference is claimed before its customer is written');
    const stream = claimOn('left');
    const { events } = await log.codec.encode(stream, [{ type: 'ReferenceClaimed', data: { category: 'customer', target } }], { ...claim.metadata, commandId: target });
    await log.store.append(stream, 'NoStream', events);
    const answers = await Promise.all([1, 2].map(() => http.post('/customers', referenced('left'))));
    expect(answers.map(({ body }) => [body['id'], body['outcome']]).sort()).toEqual([
      [target, 'created'],
      [target, 'unchanged'],
    ]);
  });

  it('uses the id that the caller made, with a reference and without', async () => {
    const [plain, referring] = ['018f0000-0000-7000-8000-0000000000b1', '018f0000-0000-7000-8000-0000000000b2'];
    expect((await http.post('/customers', person({ id: plain }))).body).toMatchObject({ id: plain, outcome: 'created' });
    expect((await http.post('/customers', person({ id: plain }))).body).toMatchObject({ id: plain, outcome: 'unchanged' });
    expect((await http.post('/customers', person({ id: plain, country: 'CN' }))).body).toMatchObject({ code: 'customer-already-recorded' });
    expect((await http.post('/customers', referenced('own', { id: referring }))).body).toMatchObject({ id: referring, outcome: 'created' });
    expect((await http.post('/customers', referenced('own', { id: plain }))).body).toMatchObject({ code: 'customer-already-recorded' });
    expect((await http.post('/customers', referenced('free', { id: plain }))).body).toMatchObject({ code: 'customer-already-recorded' });
    expect((await http.post('/customers', referenced('free'))).body).toMatchObject({ outcome: 'created' });
  });

  it('takes a batch, counts it by its source and creates nothing the second time', async () => {
    const lines = Array.from({ length: 300 }, (_, index) => referenced(`batch-${index}`, { meta: { source: { system: 'crm-2' } } }));
    const first = await http.batch('/customers/batch', lines);
    const second = await http.batch('/customers/batch', lines);
    expect(new Set(first.map(({ outcome }) => outcome))).toEqual(new Set(['created']));
    expect(second).toEqual(first.map((line) => ({ ...line, outcome: 'unchanged' })));
    expect((await http.get('/sources/crm-2/counts')).body).toMatchObject({ system: 'crm-2', customers: 300 });
  });

  it('knows what is not there', async () => {
    const nobody = '/customers/018f0000-0000-7000-8000-000000000001';
    const answers = await Promise.all([http.post(`${nobody}/profile`, { country: 'GB' }), http.post(`${nobody}/contact-points`, { kind: 'phone', raw: '1' }), http.get(`${nobody}/history`)]);
    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual([
      [404, 'customer-not-found'],
      [404, 'customer-not-found'],
      [404, 'record-not-found'],
    ]);
  });
});
