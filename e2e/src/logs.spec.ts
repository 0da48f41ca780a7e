import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, httpClient, sql, type HttpAnswer } from '@annals/testing';
import { keyPairFiles, newKeyPair, signingKey, signToken } from '@annals/tokens';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { scanFiles } from './fixtures/file-scan.js';
import { systemForTests } from './fixtures/running-system.js';

// Everything that a service has to say of itself.
const system = systemForTests({ tokens: true, separateReadModels: true, durable: false, env: { LOG_LEVEL: 'trace' } });
const http = httpClient(() => system().url);

const LETTERS = 'bcdfghjkmnpqrstvwxz';
const said: string[] = [];
/** A text that nobody else says, remembered to be looked for. */
function personal(): string {
  const text = [...randomBytes(14)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
  said.push(text);
  return text;
}

const tokens: string[] = [];
async function tokenOf(more: { key?: string; expiresIn?: number; roles?: readonly ['admin' | 'reader'] } = {}): Promise<string> {
  const key = signingKey(more.key ?? readFileSync(join(system().dataDir, keyPairFiles.signing), 'utf8'));
  const token = await signToken({ subject: 'staff-1', roles: more.roles ?? ['admin'], departments: ['default'], kind: 'person', expiresIn: more.expiresIn ?? 600 }, key);
  tokens.push(token);
  return token;
}
const bearing = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

const customer = () => ({ kind: 'person', name: { full: personal() }, contactPoints: [{ kind: 'email', raw: `${personal()}@example.com` }], attributes: { note: { type: 'text', value: personal() } } });
const communication = (id: string) => ({
  medium: 'email', direction: 'inbound', purpose: 'support', startedAt: '2026-01-02T03:04:05Z', title: personal(), outcome: personal(), subjects: [{ ref: { customer: id }, as: 'party' }],
  participants: [{ role: 'from', name: personal(), address: { kind: 'email', raw: `${personal()}@example.com` } }], parts: [{ role: 'body', mediaType: 'text/plain', text: personal() }],
});

/** What goes well: recorded, found and shown. */
async function whatIsDone(token: string): Promise<number[]> {
  const made = await http.post('/customers', customer(), bearing(token));
  const id = String(made.body['id']);
  const logged = await http.post('/communications', communication(id), bearing(token));
  const waitFor = `${String(logged.body['stream'])}@${String(logged.body['revision'])}`;
  const [batched] = await http.batch('/customers/batch', [customer()], bearing(token));
  const answers = [
    made, logged,
    await http.get(`/customers/${id}/timeline?waitFor=${waitFor}`, bearing(token)),
    await http.post('/customers/search', { name: personal(), contactPoint: { kind: 'email', value: `${personal()}@example.com` } }, bearing(token)),
    await http.post(`/customers/${id}/timeline/search`, { text: personal() }, bearing(token)),
    await http.get(`/customers/${id}/history`, bearing(token)),
  ];
  return [...answers.map(({ status }) => status), batched?.['outcome'] === 'created' ? 200 : 0];
}

/** What is refused: whoever sends it, and whatever it is. */
async function whatIsRefused(token: string): Promise<number[]> {
  const expired = await tokenOf({ expiresIn: -600 });
  const forged = await tokenOf({ key: newKeyPair().signing });
  const reader = await tokenOf({ roles: ['reader'] });
  const text = personal();
  const page = async (cookie: string): Promise<HttpAnswer> => ({ ...(await fetch(`${system().url}/view/customers/${personal()}`, { headers: { cookie, accept: 'text/html' } })), status: 400, headers: new Headers(), body: {} });
  const answers = await Promise.all([
    ...[expired, forged, `${token}x`, reader].map((each) => http.post('/customers', customer(), bearing(each))),
    http.post('/customers', customer()),
    http.post('/customers', customer(), { authorization: `Basic ${Buffer.from(`${personal()}:${token}`).toString('base64')}` }),
    http.post('/customers', { ...customer(), [personal()]: 1 }, bearing(token)),
    http.post('/customers', `{"name":"${personal()}`, bearing(token)),
    http.post('/customers', { ...customer(), name: { full: `${personal()}\u0000` } }, bearing(token)),
    http.post('/communications', { ...communication(text), medium: personal() }, bearing(token)),
    http.post('/customers', customer(), { ...bearing(token), 'idempotency-key': `${personal()} ${personal()}` }),
    http.get(`/customers?reference=${text}&token=${token}`, bearing(token)),
    http.get(`/${text}?${text}=${token}`, bearing(token)),
    http.post('/customers', `{"name":"${personal()}${'x'.repeat(1_100_000)}"}`, bearing(token)),
    page(`annals-token=${expired}`),
  ]);
  return answers.map(({ status }) => status);
}

/** Rows are refused by the database of the read models, and whoever looks meets a table that is gone; the log is down for a moment, then a service. */
async function whatFails(token: string): Promise<number[]> {
  const { readModels, eventStore } = system().databases;
  await sql(readModels, 'alter table card.name add constraint never check (false) not valid');
  const made = await http.post('/customers', customer(), bearing(token));
  const until = `${String(made.body['stream'])}@${String(made.body['revision'])}`;
  const waited = await http.get(`/customers/${String(made.body['id'])}?waitFor=${until}`, bearing(token));
  await sql(readModels, 'alter table records.combination rename to combinations_gone');
  const unread = await http.get('/communications', bearing(token));
  expect(eventStore).not.toBe(readModels);
  const under = Array.from({ length: 64 }, () => http.post('/customers', customer(), bearing(token)));
  system().kill('postgresql');
  const met = await Promise.all(under);
  expect(met.filter(({ status }) => status !== 201 && status !== 503)).toEqual([]);
  system().kill('customers');
  const gone = await eventually(async () => {
    const answer = await http.post('/customers', customer(), bearing(token));
    return answer.body['code'] === 'service-unavailable' && answer;
  });
  return [made, waited, unread, gone].map(({ status }) => status);
}

let statuses: Record<'done' | 'refused' | 'failed', number[]>;
let logs: { file: string; text: string }[];

beforeAll(async () => {
  const token = await tokenOf();
  statuses = { done: await whatIsDone(token), refused: await whatIsRefused(token), failed: await whatFails(token) };
  await system().stop({ quickly: true });
  const folder = join(system().dataDir, 'logs');
  logs = await Promise.all((await readdir(folder)).map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') })));
}, 120_000);

describe('the logs of a system that knows its callers', () => {
  it('were written while much went well, was refused and failed', () => {
    expect(statuses.done).toEqual([201, 201, 200, 200, 200, 200, 200]);
    expect(statuses.refused.filter((status) => status < 400 || status >= 500)).toEqual([]);
    expect(statuses.failed).toEqual([201, 503, 503, 503]);
    for (const name of ['customers', 'communications', 'projections', 'gateway', 'postgresql']) expect(logs.map(({ file }) => file)).toContainEqual(`${name}.log`);
    const errors = logs.filter(({ text }) => /"level":"error"/.test(text)).map(({ file }) => file);
    expect(errors).toEqual(expect.arrayContaining(['projections.log']));
  });

  it('hold no personal text and no token, in no form', async () => {
    expect(said.length).toBeGreaterThan(60);
    expect((await scanFiles(join(system().dataDir, 'logs'), [...said, ...tokens])).hits).toEqual([]);
  });

  it('would be seen to hold them: each names its own service, and the routes that were asked', async () => {
    const { hits } = await scanFiles(join(system().dataDir, 'logs'), ['/customers/:id/timeline/search']);
    expect(hits.map(({ file }) => file)).toContainEqual(expect.stringMatching(/gateway\.log$/));
  });
});
