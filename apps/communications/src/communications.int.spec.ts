import { listen, openLog, parseConfig, type Running } from '@annals/service';
import { httpClient, postgresForTests, settingsForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { communicationsOn } from './communications.js';
import { settings as contract } from './config.js';

const postgres = postgresForTests();
const settings = settingsForTests(postgres);
const http = httpClient(() => running.url);
let running: Running;

beforeAll(async () => {
  const config = parseConfig(contract, { ...settings(), LOG_LEVEL: 'silent' });
  running = await listen(communicationsOn(await openLog(config), config));
});
afterAll(async () => await running.close());

const customer = '018f0000-0000-7000-8000-00000000000a';
const call = (more: object = {}) => ({
  medium: 'voice',
  platform: 'pbx',
  direction: 'inbound',
  purpose: 'support',
  startedAt: '2024-05-01T10:00:00Z',
  participants: [{ role: 'caller', address: { kind: 'phone', raw: '+44 20 7946 0018' }, name: '小明' }],
  parts: [{ role: 'transcript', mediaType: 'text/plain', text: 'Can you hear me? 喂？' }],
  ...more,
});

describe('communications over HTTP', () => {
  it('logs a communication at the time at which it began, and shows it again code point for code point', async () => {
    const text = '喂 👩‍👩‍👧 a\u0301 \u200f\ufeff\u2028"\\';
    const { status, body } = await http.post('/communications', call({ parts: [{ role: 'body', mediaType: 'text/plain', text }] }));
    expect(status).toBe(201);
    expect((await http.get(`/communications/${String(body['id'])}/history`)).body['items']).toMatchObject([
      {
        type: 'CommunicationLogged',
        occurredAt: '2024-05-01T10:00:00.000Z',
        data: {
          startedAt: '2024-05-01T10:00:00.000Z',
          participants: [{ name: '小明', address: { raw: '+44 20 7946 0018', normalised: '+442079460018' } }],
          parts: [{ text }],
        },
      },
    ]);
  });

  it('links a subject once, by the actor', async () => {
    const { body } = await http.post('/communications', call());
    const path = `/communications/${String(body['id'])}/subjects`;
    const linked = await http.post(path, { ref: { customer }, as: 'party' });
    const again = await http.post(path, { ref: { customer }, as: 'party', basis: 'rule' });
    const nobody = await http.post('/communications/018f0000-0000-7000-8000-000000000001/subjects', { ref: { customer }, as: 'party' });
    expect([linked, again, nobody].map(({ status, body: answer }) => [status, answer['outcome'] ?? answer['code']])).toEqual([
      [200, 'changed'],
      [200, 'unchanged'],
      [404, 'communication-not-found'],
    ]);
    expect((await http.get(`/communications/${String(body['id'])}/history`)).body).toMatchObject({
      items: [{}, { data: { subject: { ref: { customer }, as: 'party', linkedBy: 'unverified', basis: 'person' } } }],
    });
  });

  it('logs what a provider names once, whoever reports it', async () => {
    const reported = call({ reference: { system: 'pbx', id: 'c-1' } });
    const answers = await Promise.all(Array.from({ length: 16 }, () => http.post('/communications', reported)));
    expect(answers.map(({ body }) => body['outcome']).sort()).toEqual(['created', ...Array.from({ length: 15 }, () => 'unchanged')]);
    const other = await http.post('/communications', { ...reported, direction: 'outbound' });
    const named = await http.post('/communications', { ...reported, id: customer });
    expect([other, named].map(({ status, body }) => [status, body['code']])).toEqual([
      [409, 'communication-already-recorded'],
      [409, 'communication-id-differs'],
    ]);
  });

  it('takes a batch and counts it by its source', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => call({ reference: { system: 'pbx', id: `b-${index}` }, meta: { source: { system: 'pbx-2' } } }));
    const answers = await http.batch('/communications/batch', [...lines, { medium: 'smoke' }]);
    expect(answers.map(({ outcome }) => outcome)).toEqual([...lines.map(() => 'created'), 'rejected']);
    expect((await http.get('/sources/pbx-2/counts')).body).toMatchObject({ communications: 50 });
  });
});

type Item = Record<string, unknown>;
const types = async (path: string): Promise<unknown[]> => ((await http.get(`${path}/history`)).body['items'] as Item[]).map(({ type }) => type);
const outcomes = (answers: readonly { readonly status: number; readonly body: Item }[]): unknown[] =>
  answers.map(({ status, body }) => [status, body['outcome'] ?? body['code']]);

describe('what comes after a communication', () => {
  it('is recorded event by event: amendment, links, annotations, retraction', async () => {
    const path = `/communications/${String((await http.post('/communications', call())).body['id'])}`;
    const annotation = '018f0000-0000-7000-8000-0000000000aa';
    const subject = { ref: { customer }, as: 'about' };
    const reason = { code: 'mistake', note: '写错了' };
    const answers = [
      await http.post(`${path}/amendment`, { changed: { purpose: 'sales', disposition: 'answered' }, reason, by: 'staff' }),
      await http.post(`${path}/amendment`, { changed: { purpose: 'sales', disposition: 'answered' }, reason, by: 'staff' }),
      await http.post(`${path}/subjects`, subject),
      await http.post(`${path}/subjects/removals`, { subject, reason }),
      await http.post(`${path}/annotations`, { id: annotation, kind: 'summary', text: '客户要求退款', derived: { model: 'm-1', events: [customer] } }),
      await http.post(`${path}/annotations/${annotation}/amendment`, { text: 'wants her money back' }),
      await http.post(`${path}/annotations/${annotation}/removal`, {}),
      await http.post(`${path}/annotations/${customer}/removal`, {}),
      await http.post(`${path}/retraction`, { reason, by: 'sender' }),
      await http.post(`${path}/amendment`, { changed: { title: 'x' }, reason, by: 'staff' }),
      await http.post(`${path}/amendment`, { changed: { subjects: [] }, reason, by: 'staff' }),
    ];
    expect(outcomes(answers)).toEqual([
      [200, 'changed'],
      [200, 'unchanged'],
      ...Array.from({ length: 5 }, () => [200, 'changed']),
      [404, 'annotation-not-found'],
      [200, 'changed'],
      [409, 'communication-retracted'],
      [400, 'contract-broken'],
    ]);
    expect(await types(path)).toEqual([
      'CommunicationLogged',
      'CommunicationAmended',
      'CommunicationLinked',
      'CommunicationUnlinked',
      'AnnotationAdded',
      'AnnotationAmended',
      'AnnotationRemoved',
      'CommunicationRetracted',
    ]);
  });

  it('takes delivery reports by the provider\'s reference, in any order and each once; one that overtook its communication is to be sent again', async () => {
    const reference = { system: 'sms-gate', id: 'm-1' };
    const report = (status: string, second: number) => ({ reference, status, providerAt: `2024-05-01T10:00:0${second}Z` });
    const early = await http.post('/communications/delivery-reports', report('sent', 1));
    expect(outcomes([early])).toEqual([[404, 'communication-not-yet-logged']]);
    const path = `/communications/${String((await http.post('/communications', call({ direction: 'outbound', reference }))).body['id'])}`;
    const lines = [report('delivered', 2), report('sent', 1), report('sent', 1), { ...report('failed', 3), reference: { ...reference, id: 'm-2' } }, { status: 'sent' }];
    // One after the other, so that it is the repetition that meets a report.
    const answers: Item[] = [];
    for (const line of lines) answers.push(...(await http.batch('/communications/delivery-reports/batch', [line])));
    expect(answers.map(({ outcome, code }) => code ?? outcome)).toEqual(['changed', 'changed', 'unchanged', 'communication-not-yet-logged', 'contract-broken']);
    expect(outcomes([await http.post(`${path}/delivery-reports`, { status: 'sent', attempt: 2, providerAt: '2024-05-01T11:00:00Z' })])).toEqual([[200, 'changed']]);
    expect(((await http.get(`${path}/history`)).body['items'] as Item[]).slice(1)).toMatchObject([
      { type: 'DeliveryReported', occurredAt: '2024-05-01T10:00:02.000Z', data: { status: 'delivered', attempt: 1 } },
      { data: { status: 'sent', attempt: 1 } },
      { data: { status: 'sent', attempt: 2 } },
    ]);
  });
});

describe('follow-ups over HTTP', () => {
  it('are scheduled, handed on, put off and done, each step on a stream of its own', async () => {
    const due = { assignee: { staffId: 's-1' }, dueAt: '2024-05-02T09:00:00Z', zone: 'Europe/Berlin', subject: { customer }, text: '回电' };
    const scheduled = await http.post('/follow-ups', due, { 'idempotency-key': 'f-1' });
    const again = await http.post('/follow-ups', due, { 'idempotency-key': 'f-1' });
    const path = `/follow-ups/${String(scheduled.body['id'])}`;
    expect([again.body['id'], scheduled.headers.get('location')]).toEqual([scheduled.body['id'], path]);
    const answers = [
      scheduled,
      await http.post(`${path}/assignment`, { assignee: { department: 'emea/uk' } }),
      await http.post(`${path}/postponement`, { dueAt: '2024-05-03T09:00:00Z', reason: { code: 'asked-to' } }),
      await http.post(`${path}/completion`, { outcome: 'will pay' }),
      await http.post(`${path}/cancellation`, { reason: { code: 'not-needed' } }),
      await http.post('/follow-ups', { ...due, zone: 'Mars/Olympus' }),
      await http.post(`/follow-ups/${customer}/completion`, {}),
    ];
    expect(outcomes(answers)).toEqual([
      [201, 'created'],
      [200, 'changed'],
      [200, 'changed'],
      [200, 'changed'],
      [409, 'follow-up-closed'],
      [400, 'contract-broken'],
      [404, 'follow-up-not-found'],
    ]);
    expect(await types(path)).toEqual(['FollowUpScheduled', 'FollowUpReassigned', 'FollowUpPostponed', 'FollowUpCompleted']);
  });
});
