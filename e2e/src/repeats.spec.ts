import { randomUUID } from 'node:crypto';
import { eventually, httpClient, type HttpAnswer } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import { systemForTests } from './fixtures/running-system.js';

const system = systemForTests();
const http = httpClient(() => system().url);

const CALLERS = 16;
const RECOVERING_MS = 60_000;
const services = ['customers', 'communications', 'transactions'];

const customer = (more: object = {}) => ({ kind: 'person', name: { full: '王小明' }, contactPoints: [{ kind: 'phone', raw: '+44 20 7946 0018' }], ...more });
const communication = (more: object = {}) => ({ medium: 'note', direction: 'internal', purpose: 'service', startedAt: '2026-01-02T03:04:05Z', parts: [{ role: 'body', mediaType: 'text/plain', text: '说好了' }], ...more });
const transaction = (more: object = {}) => ({ kind: 'payment', issuedOn: '2026-01-02', currency: 'GBP', lines: [{ quantity: '1', unitPrice: '5', amountMinor: 500 }], totalMinor: 500, ...more });
const referenced = () => ({ reference: { system: 'crm', id: randomUUID() } });

/** A record of every kind, none of them with an id, and how many events each is: a customer's reference is claimed beside it. */
const creations = () => [
  { path: '/customers', body: customer(), events: 1 },
  { path: '/customers', body: customer(referenced()), events: 2 },
  { path: '/communications', body: communication(), events: 1 },
  { path: '/communications', body: communication(referenced()), events: 1 },
  { path: '/transactions', body: transaction(), events: 1 },
  { path: '/transactions', body: transaction(referenced()), events: 1 },
];

/** Sends until there is an answer that does not ask to try again. */
async function sendUntilAnswered(send: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  return await eventually(async () => {
    const answer = await send();
    return answer.status < 500 && answer;
  }, { withinMs: RECOVERING_MS, everyMs: 100 });
}

/** Ends parts of the system as a crash would. @returns a wait until all of them are others */
function kill(victims: readonly string[]): () => Promise<unknown> {
  const before = system().pids();
  for (const victim of victims) system().kill(victim);
  const isOther = (name: string): boolean => ![undefined, before[name]].includes(system().pids()[name]);
  return () => eventually(() => victims.every(isOther), { withinMs: RECOVERING_MS });
}

async function headPosition(): Promise<number> {
  return Number((await sendUntilAnswered(() => http.get('/services/customers/log'))).body['position']);
}

const answers = ({ status, body }: HttpAnswer): unknown => ({ status, body });

describe('a repeated create without an id', () => {
  it.each([
    ['nothing dies', []],
    ['every write service is killed under them', services],
    ['PostgreSQL is killed under them', ['postgresql']],
    ['the gateway is killed under them', ['gateway']],
  ])('gives sixteen callers one record when %s', async (_, victims) => {
    const before = await headPosition();
    const made = creations().map((each) => ({ ...each, key: randomUUID() }));
    let restarted: (() => Promise<unknown>) | undefined;
    const send = ({ path, body, key }: (typeof made)[number]): Promise<HttpAnswer> => sendUntilAnswered(() => http.post(path, body, { 'idempotency-key': key }));
    const results = await Promise.all(made.map(async (each) => {
      const racing = Array.from({ length: CALLERS }, async () => {
        const answer = await send(each);
        // The first of all answers: the other callers' requests are under way, and every second one is still to come.
        restarted ??= kill(victims);
        return [answer, await send(each)];
      });
      return (await Promise.all(racing)).flat();
    }));
    await restarted?.();
    const first = results.map(([answer]) => answer);
    for (const [index, racing] of results.entries()) {
      expect(first[index]).toMatchObject({ status: 201, body: { outcome: 'created', revision: 0 } });
      expect(new Set(racing.map((answer) => JSON.stringify(answers(answer)))).size).toBe(1);
    }
    expect(await headPosition()).toBe(before + made.reduce((sum, { events }) => sum + events, 0));
  }, 120_000);

  it('answers as the first time after PostgreSQL and the service died in between', async () => {
    const made = creations().map((each) => ({ ...each, key: randomUUID() }));
    const sendAll = (): Promise<HttpAnswer[]> => Promise.all(made.map(({ path, body, key }) => sendUntilAnswered(() => http.post(path, body, { 'idempotency-key': key }))));
    const first = await sendAll();
    const position = await headPosition();
    await kill(['postgresql', ...services])();
    expect((await sendAll()).map(answers)).toEqual(first.map(answers));
    expect(await headPosition()).toBe(position);
  }, 120_000);

  it('makes no line of a batch twice when the service dies in the middle of it', async () => {
    const lines = Array.from({ length: 2_000 }, (_, index) => JSON.stringify(transaction({ number: `N${index}` })));
    const before = await headPosition();
    const key = randomUUID();
    const send = (): Promise<Response> => fetch(`${system().url}/transactions/batch`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': key }, body: lines.join('\n') });
    const cut = await send();
    let received = '';
    const read = async (): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const chunk of cut.body ?? []) {
        if (received === '') system().kill('transactions');
        received += decoder.decode(chunk, { stream: true });
      }
    };
    // An answer that is cut must not look like one that is complete.
    await expect(read()).rejects.toThrow();
    const whole = await eventually(async () => {
      const response = await send();
      return response.status === 200 && (await response.text()).trimEnd().split('\n');
    }, { withinMs: RECOVERING_MS, everyMs: 100 });
    const early = received.split('\n').slice(0, -1);
    expect(early.length).toBeGreaterThan(0);
    expect(whole.slice(0, early.length)).toEqual(early);
    expect(whole.map((line) => (JSON.parse(line) as { outcome: string }).outcome)).toEqual(lines.map(() => 'created'));
    expect(await headPosition()).toBe(before + lines.length);
  }, 120_000);
});

describe('reading what was just written', () => {
  const until = ({ body }: HttpAnswer): string => `${String(body['stream'])}@${String(body['revision'])}`;

  it('shows a chat of forty messages as one entry that opens', async () => {
    const { body: made } = await http.post('/customers', customer());
    const id = String(made['id']);
    const conversation = { platform: 'whatsapp', key: randomUUID() };
    const lines = Array.from({ length: 40 }, (_, n) => ({
      medium: 'message', platform: 'whatsapp', direction: n % 2 === 0 ? 'inbound' : 'outbound', purpose: 'support', startedAt: new Date(Date.UTC(2026, 0, 2) + n * 60_000).toISOString(),
      subjects: [{ ref: { customer: id }, as: 'party' }], conversation, parts: [{ role: 'body', mediaType: 'text/plain', text: `line ${n}` }],
    }));
    const said = await http.batch('/communications/batch', lines);
    const seen = said.map((line) => `waitFor=${String(line['stream'])}@${String(line['revision'])}`);
    for (const until of seen) expect((await http.get(`/customers/${id}/timeline?limit=1&${until}`)).status).toBe(200);
    const items = async (query: string): Promise<Record<string, unknown>[]> => (await http.get(`/customers/${id}/timeline?kind=communication&limit=200&${query}`)).body['items'] as Record<string, unknown>[];
    const [folded, ...others] = await items('');
    expect([folded, others]).toMatchObject([{ kind: 'conversation', ...conversation, messages: 40, firstAt: lines[0]?.startedAt, directions: ['inbound', 'outbound'], latest: { text: 'line 39' } }, []]);
    const texts = lines.map(({ parts }) => parts[0]?.text).toReversed();
    for (const query of ['threads=open', `conversation=${String(folded?.['id'])}`]) expect((await items(query)).map(({ text }) => text)).toEqual(texts);
    expect(await items('direction=inbound')).toMatchObject([{ messages: 20, latest: { text: 'line 38' } }]);
    const search = await http.post(`/customers/${id}/timeline/search`, { text: '39', medium: 'message' });
    expect(search).toMatchObject({ status: 200, body: { items: [{ kind: 'communication', text: 'line 39' }] } });
  }, 60_000);

  it('waits for the card, the list, the search and the timeline that a caller asks for', async () => {
    const rounds = Array.from({ length: 10 }, async (_, round) => {
      const { reference } = referenced();
      const full = `Zelda ${randomUUID()}`;
      const made = await http.post('/customers', customer({ reference, name: { full } }));
      const id = String(made.body['id']);
      // At once after each write: a view that did not wait would not have it yet.
      const [card, list, search] = await Promise.all([
        http.get(`/customers/${id}?waitFor=${until(made)}`),
        http.get(`/customers?reference=crm:${reference.id}&waitFor=${until(made)}`),
        http.post('/customers/search', { name: full, waitFor: until(made) }),
      ]);
      const said = await http.post('/communications', communication({ subjects: [{ ref: { customer: id }, as: 'party' }], title: `round ${round}` }));
      const timeline = await http.get(`/customers/${id}/timeline?kind=communication&waitFor=${until(said)}`);
      const bought = await http.post('/transactions', transaction({ parties: [{ customerId: id, role: 'payer' }] }));
      const paid = await http.get(`/customers/${id}?waitFor=${until(bought)}`);
      expect(card.body).toMatchObject({ id, name: { full }, revision: 0 });
      expect([list.body['items'], search.body['items']]).toMatchObject([[{ id }], [{ id }]]);
      expect(timeline.body['items']).toMatchObject([{ kind: 'communication', title: `round ${round}` }]);
      expect(paid.body['amounts']).toEqual([{ currency: 'GBP', orderedMinor: 0, billedMinor: 0, paidMinor: 500 }]);
    });
    await Promise.all(rounds);
  });

  it('asks to try again, soon enough to be of use, where the view does not come to that revision', async () => {
    const made = await http.post('/customers', customer());
    const id = String(made.body['id']);
    const begun = performance.now();
    const answer = await http.get(`/customers/${id}?waitFor=customer-${id}@7`);
    expect([answer.status, answer.headers.get('retry-after'), answer.body['code']]).toEqual([503, '1', 'not-yet-visible']);
    // The promise is five seconds; the rest is for a machine that is busy with other things.
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
