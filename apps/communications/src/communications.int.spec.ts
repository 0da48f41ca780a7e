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
