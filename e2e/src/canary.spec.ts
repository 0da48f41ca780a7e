import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue, type EventType } from '@annals/contracts';
import { httpClient } from '@annals/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { formsOf, scanFiles, type Hit } from './fixtures/file-scan.js';
import { isAt, personalTextPaths, textsIn } from './fixtures/personal-texts.js';
import { systemForTests } from './fixtures/running-system.js';

const system = systemForTests({ separateReadModels: true });
const http = httpClient(() => system().url);

const LETTERS = 'bcdfghjkmnpqrstvwxz';
/** Twelve letters that no compression shortens and no dictionary holds. */
const canary = (): string => [...randomBytes(12)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
const upper = (): string => canary().toUpperCase();

const reason = () => ({ code: 'mistake', note: canary() });
const inScript = () => ({ full: canary(), family: canary(), given: canary(), order: 'given-first', phonetic: canary() });
const fullName = () => ({ full: canary(), family: canary(), given: canary(), order: 'given-first', script: canary(), phonetic: canary() });
const email = () => ({ kind: 'email', raw: `${canary()}@${upper()}.example` });
const attributes = () => ({ note: { type: 'text', value: canary() } });
/** Nobody else in this log was born then. */
const birthday = '1903-07-19';

/** Public texts of every kind of record: the scan must see them in the log, or it sees nothing there. */
const seen = { customer: canary(), batched: canary(), communication: canary(), transaction: canary(), cancellation: canary() };
/** Sent in requests that are refused, so to be found nowhere at all. */
const refused: string[] = [];
const refusedText = (): string => {
  const text = canary();
  refused.push(text);
  return text;
};

/** What the log holds, opened, by the event's type. */
const recorded = new Map<string, { path: string; text: string }[]>();
/** What the views must be able to show. */
let shown: string[];
let outsideViews: { files: string[]; hits: Hit[] };
let inViews: Hit[];

async function recordEverything(): Promise<string[]> {
  const customer = await http.post('/customers', { kind: 'person', name: fullName(), names: { cyrl: inScript() }, contactPoints: [email()], attributes: attributes(), reference: { system: 'crm', id: seen.customer } });
  const id = String(customer.body['id']);
  const [batched] = await http.batch('/customers/batch', [{ kind: 'person', name: fullName(), contactPoints: [{ kind: 'wechat', raw: canary() }], reference: { system: 'crm', id: seen.batched } }]);
  await http.post(`/customers/${id}/profile`, { name: fullName(), names: { cyrl: inScript() }, birthday, attributes: attributes() });
  const changed = await http.post(`/customers/${id}/contact-points`, email());
  const communication = await http.post('/communications', {
    medium: 'email',
    direction: 'inbound',
    purpose: 'support',
    startedAt: '2026-01-02T03:04:05Z',
    conversation: { platform: 'mail', key: seen.communication },
    participants: [{ role: 'from', address: email(), name: canary() }, { role: 'cc', name: canary() }],
    subjects: [{ ref: { customer: id }, as: 'party' }],
    outcome: canary(),
    title: canary(),
    parts: [{ role: 'body', mediaType: 'text/plain', name: canary(), text: canary() }],
  });
  const parties = [{ customerId: id, role: 'buyer' }];
  const transaction = await http.post('/transactions', { kind: 'invoice', number: seen.transaction, parties, issuedOn: '2026-01-02', currency: 'GBP', lines: [], totalMinor: 0 });
  const cancelled = await http.post(`/transactions/${String(transaction.body['id'])}/cancellation`, { reason: { code: seen.cancellation, note: canary() } });
  expect([customer, communication, transaction].map(({ status }) => status)).toEqual([201, 201, 201]);
  expect([batched?.['outcome'], changed.body['outcome'], cancelled.body['outcome']]).toEqual(['created', 'changed', 'changed']);
  await showAll(id, { card: changed.body, timeline: communication.body });
  const records = [`/customers/${id}`, `/communications/${String(communication.body['id'])}`];
  const later = await changeEverything(records[0] ?? '', records[1] ?? '');
  return [...records, ...later, `/customers/${String(batched?.['id'])}`, `/transactions/${String(transaction.body['id'])}`];
}

const POINT = '018f0000-0000-7000-8000-0000000000a1';
const ANNOTATION = '018f0000-0000-7000-8000-0000000000a2';
const nobody = '018f0000-0000-7000-8000-0000000000a3';

/** Every later change that has a personal text, on records that are there. @returns the records made for it */
async function changeEverything(customer: string, communication: string): Promise<string[]> {
  const due = { dueAt: '2030-01-02T03:04:05Z' };
  const made = await Promise.all([1, 2].map(() => http.post('/follow-ups', { assignee: { staffId: 's-1' }, ...due, text: canary() })));
  const [completed = '', cancelled = ''] = made.map(({ body }) => `/follow-ups/${String(body['id'])}`);
  const changes: [path: string, body: object][] = [
    [`${customer}/contact-points`, { ...email(), id: POINT }],
    [`${customer}/contact-points/removals`, { id: POINT, reason: reason() }],
    [`${customer}/deactivation`, { reason: reason() }],
    [`${customer}/reactivation`, { reason: reason() }],
    [`${customer}/duplicates/dismissals`, { other: nobody, reason: reason() }],
    [`${customer}/duplicates/dismissals/removals`, { other: nobody, reason: reason() }],
    [`${customer}/profiling-objection`, { reason: reason() }],
    [`${customer}/profiling-permission`, { reason: reason() }],
    [
      `${communication}/amendment`,
      {
        changed: {
          participants: [{ role: 'from', address: email(), name: canary() }],
          parts: [{ role: 'body', mediaType: 'text/plain', name: canary(), text: canary() }],
          outcome: canary(),
          title: canary(),
        },
        reason: reason(),
        by: 'staff',
      },
    ],
    [`${communication}/subjects/removals`, { subject: { ref: { customer: customer.split('/')[2] }, as: 'party' }, reason: reason() }],
    [`${communication.replace('/communications/', '/communications/unlinked/')}/dismissal`, { customers: [nobody], reason: reason() }],
    [`${communication}/annotations`, { id: ANNOTATION, kind: 'topic', text: canary() }],
    [`${communication}/annotations/${ANNOTATION}/amendment`, { text: canary() }],
    [`${communication}/annotations/${ANNOTATION}/removal`, { reason: reason() }],
    [`${communication}/retraction`, { reason: reason(), by: 'staff' }],
    [`${completed}/assignment`, { assignee: { department: 'default' }, reason: reason() }],
    [`${completed}/postponement`, { dueAt: '2030-02-02T03:04:05Z', reason: reason() }],
    [`${completed}/completion`, { outcome: canary() }],
    [`${cancelled}/cancellation`, { reason: reason() }],
  ];
  for (const [path, body] of changes) expect([path, (await http.post(path, body)).body]).toEqual([path, expect.objectContaining({ outcome: 'changed' })]);
  return [completed, cancelled];
}

/** Waits for the views, and keeps the personal texts that they answer. */
async function showAll(id: string, { card, timeline }: Record<'card' | 'timeline', Record<string, unknown>>): Promise<void> {
  const until = (answer: Record<string, unknown>): string => `waitFor=${String(answer['stream'])}@${String(answer['revision'])}`;
  const shownCard = await http.get(`/customers/${id}?${until(card)}`);
  const { name, birthday: born, attributes: notes, contactPoints } = shownCard.body;
  const entries = (await http.get(`/customers/${id}/timeline?kind=communication&${until(timeline)}`)).body['items'] as Record<string, unknown>[];
  shown = textsIn([name, born, notes, contactPoints, entries.map(({ title, text }) => [title, text])]).map(({ text }) => text);
}

/** Requests that hold personal texts where none belong: nothing may keep them, least of all a log file. */
async function sendWhatIsRefused(): Promise<number[]> {
  const route = refusedText();
  const answers = await Promise.all([
    http.post('/customers', `{"kind":"person","name":"${refusedText()}`),
    http.post('/customers', { kind: 'person', name: { full: refusedText(), more: true } }),
    http.post('/customers', { kind: 'person', [refusedText()]: 'nobody' }),
    http.get(`/customers/${refusedText()}`),
    http.get(`/customers?reference=${refusedText()}`),
    http.post('/customers/search', { name: refusedText(), limit: 0 }),
    http.post('/communications/batch', { title: refusedText() }),
    http.get(`/${route}?of=${route}`),
    http.get(`/customers/018f0000-0000-7000-8000-000000000001/timeline?cursor=${refusedText()}`),
    http.post('/customers/018f0000-0000-7000-8000-000000000001/timeline/search', { text: refusedText(), limit: 0 }),
  ]);
  return answers.map(({ status }) => status);
}

async function collectHistory(record: string): Promise<void> {
  const { body } = await http.get(`${record}/history`);
  for (const { type, data } of body['items'] as { type: string; data: unknown }[]) {
    recorded.set(type, [...(recorded.get(type) ?? []), ...textsIn(data)]);
  }
}

const types: [string, EventType][] = Object.entries(catalogue);
/** Every personal text of every event, as the contracts have them today. */
const fields = types.flatMap(([type, { versions }]) => personalTextPaths(versions.at(-1)?.schema ?? versions[0]!.schema).map((path) => ({ type, path })));
const valuesOf = ({ type, path }: { type: string; path: string }): string[] => (recorded.get(type) ?? []).filter((each) => isAt(each.path, path)).map(({ text }) => text);

beforeAll(async () => {
  const records = await recordEverything();
  for (const record of records) await collectHistory(record);
  expect(await sendWhatIsRefused()).toEqual([400, 400, 400, 400, 400, 400, 415, 404, 400, 400]);
  // What is in PostgreSQL's memory alone comes to its files at the end.
  await system().stop();
  const { dataDir } = system();
  const views = join(dataDir, 'postgres-read-models');
  const personal = fields.flatMap(valuesOf);
  outsideViews = await scanFiles(dataDir, [...personal, ...refused, ...Object.values(seen)], views);
  inViews = (await scanFiles(views, [...personal, ...refused])).hits;
}, 60_000);

describe('personal texts', () => {
  it('are recorded here in every field of every event that may hold one, each unlike all others', () => {
    expect(fields.length).toBeGreaterThan(20);
    expect(fields.filter((field) => valuesOf(field).length === 0)).toEqual([]);
    const all = fields.flatMap(valuesOf);
    expect(new Set(all).size).toBe(all.length);
    for (const text of all) expect(text.length).toBeGreaterThanOrEqual(10);
  });

  it('lie in no file of the log, its write-ahead log, the keys and the services\' own logs, in no form', () => {
    const personal = new Set([...fields.flatMap(valuesOf), ...refused]);
    expect(outsideViews.hits.filter(({ text }) => personal.has(text))).toEqual([]);
    for (const part of [/\/postgres\/.*\/pg_wal\/[0-9A-F]{24}$/, /\/postgres\/.*\/base\//, /\/logs\/customers\.log$/, /\/logs\/postgresql\.log$/]) {
      expect(outsideViews.files).toContainEqual(expect.stringMatching(part));
    }
  });

  it('would be found there: public texts of the same events are, in the table and in the write-ahead log', () => {
    for (const text of Object.values(seen)) {
      const files = outsideViews.hits.filter((hit) => hit.text === text).map(({ file }) => file);
      expect(files).toContainEqual(expect.stringMatching(/\/base\//));
      expect(files).toContainEqual(expect.stringMatching(/\/pg_wal\//));
    }
  });

  it('are found in the read models, which show them', () => {
    const found = new Set(inViews.map(({ text }) => text));
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.filter((text) => text.length >= 10 && !found.has(text) && fields.flatMap(valuesOf).includes(text))).toEqual([]);
    expect(refused.filter((text) => found.has(text))).toEqual([]);
  });
});

describe('the scan', () => {
  it('finds a text in every form that it knows, wherever it begins', async () => {
    const text = canary();
    const folder = await mkdtemp(join(tmpdir(), 'annals-scan-'));
    const forms = Object.entries(formsOf(text));
    for (const [form, bytes] of forms) await writeFile(join(folder, form), Buffer.concat([Buffer.from('x'), bytes]));
    for (const before of [0, 1, 2]) await writeFile(join(folder, `written ${before}`), Buffer.from(`${'~'.repeat(before)}${text}~~~`).toString('base64'));
    const { hits } = await scanFiles(folder, [text]);
    expect(new Set(hits.map(({ file }) => file)).size).toBe(forms.length + 3);
    await rm(folder, { recursive: true });
  });
});
