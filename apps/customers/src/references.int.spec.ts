import type { AnnalsEvent } from '@annals/contracts';
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

const shop = (id: string) => ({ system: 'shop', id });

async function newCustomer(more: object = {}): Promise<string> {
  const { body } = await http.post('/customers', { kind: 'person', ...more });
  return String(body['id']);
}
const add = (customer: string, id: string, headers = {}) => http.post(`/customers/${customer}/references`, shop(id), headers);
const remove = (customer: string, id: string, headers = {}) => http.post(`/customers/${customer}/references/removals`, shop(id), headers);

/** Whether the customer has the reference, by its own events. */
async function has(customer: string, id: string): Promise<boolean> {
  const events = await log.read(`customer-${customer}`);
  const last = events.findLast(({ type, data }) => (type === 'ReferenceAdded' || type === 'ReferenceRemoved') && (data as { id: string }).id === id);
  return last?.type === 'ReferenceAdded';
}

/** Writes what a process that died between its two writes left behind. */
async function leaveBehind(stream: string, event: AnnalsEvent): Promise<void> {
  const [sample] = await log.read(`customer-${await newCustomer()}`);
  if (sample === undefined) throw new Error('a customer has an event');
  const { events } = await log.codec.encode(stream, [event], sample.metadata);
  await log.store.append(stream, 'Any', events);
}
const claimStream = (id: string): string => `reference-${log.identities.referencedId('customer', 'shop', id)}`;

describe('references of customers', () => {
  it('belong to one customer, and to another after they are removed', async () => {
    const [first, second] = [await newCustomer(), await newCustomer()];
    expect((await add(first, 'one')).body['outcome']).toBe('changed');
    expect((await add(second, 'one')).body).toMatchObject({ status: 409, code: 'reference-taken' });
    expect((await http.post('/customers', { kind: 'person', reference: shop('one') })).body).toMatchObject({ status: 409, code: 'customer-already-recorded' });
    expect((await remove(second, 'one')).body['outcome']).toBe('unchanged');
    expect((await remove(first, 'one')).body['outcome']).toBe('changed');
    expect((await add(second, 'one')).body['outcome']).toBe('changed');
    expect((await add(first, 'one')).body['code']).toBe('reference-taken');
  });

  it('name a new customer after the former one has lost them, once for each command', async () => {
    const body = { kind: 'person', reference: shop('moved') };
    const key = { 'idempotency-key': 'first' };
    const first = await http.post('/customers', body, key);
    await remove(String(first.body['id']), 'moved');
    const second = await http.post('/customers', body, { 'idempotency-key': 'second' });
    const third = await http.post('/customers', body);
    expect([second.body['outcome'], third.body['outcome'], third.body['id']]).toEqual(['created', 'unchanged', second.body['id']]);
    expect(second.body['id']).not.toBe(first.body['id']);
    expect((await http.post('/customers', body, key)).body).toEqual(first.body);
    expect((await http.post('/customers', body, { 'idempotency-key': 'second' })).body).toEqual(second.body);
  });

  it('are added by the next try where only the claim was written', async () => {
    const [first, second] = [await newCustomer(), await newCustomer()];
    await leaveBehind(claimStream('claimed'), { type: 'ReferenceClaimed', data: { category: 'customer', target: first } });
    expect((await add(second, 'claimed')).body['code']).toBe('reference-taken');
    expect((await add(first, 'claimed')).body['outcome']).toBe('changed');
  });

  it('are given up by a removal where only the claim was written', async () => {
    const [first, second] = [await newCustomer(), await newCustomer()];
    await leaveBehind(claimStream('stuck'), { type: 'ReferenceClaimed', data: { category: 'customer', target: first } });
    expect((await remove(first, 'stuck')).body['outcome']).toBe('changed');
    expect((await add(second, 'stuck')).body['outcome']).toBe('changed');
  });

  it('are released by the next try where only the removal was written', async () => {
    const [first, second] = [await newCustomer(), await newCustomer()];
    await add(first, 'half');
    await leaveBehind(`customer-${first}`, { type: 'ReferenceRemoved', data: shop('half') });
    expect((await add(second, 'half')).body['code']).toBe('reference-taken');
    expect((await remove(first, 'half')).body['outcome']).toBe('unchanged');
    expect((await add(second, 'half')).body['outcome']).toBe('changed');
  });

  it('are claimed anew where only the removal was written, so that its late release takes nothing away', async () => {
    const [first, second] = [await newCustomer(), await newCustomer()];
    await add(first, 'back');
    await leaveBehind(`customer-${first}`, { type: 'ReferenceRemoved', data: shop('back') });
    expect((await add(first, 'back')).body['outcome']).toBe('changed');
    expect((await log.read(claimStream('back'))).map(({ type }) => type)).toEqual(['ReferenceClaimed', 'ReferenceClaimed']);
    expect((await add(second, 'back')).body['code']).toBe('reference-taken');
  });

  it('are never on two customers, whatever is added and removed at once', async () => {
    const customers = await Promise.all(Array.from({ length: 4 }, () => newCustomer()));
    for (let round = 0; round < 12; round += 1) {
      await Promise.all(customers.flatMap((customer) => [add(customer, 'raced'), remove(customer, 'raced'), add(customer, 'raced')]));
      const holders = await Promise.all(customers.map((customer) => has(customer, 'raced')));
      expect(holders.filter(Boolean).length).toBeLessThanOrEqual(1);
      const claim = (await log.read(claimStream('raced'))).at(-1);
      const holder = customers[holders.indexOf(true)];
      if (holder !== undefined) expect(claim).toMatchObject({ type: 'ReferenceClaimed', data: { target: holder } });
    }
  });
});
