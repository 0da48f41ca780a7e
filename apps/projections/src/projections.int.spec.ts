import { randomUUID } from 'node:crypto';

import { customerCard, page, sourceCounts, timelineEntry, type AnnalsEvent, type Metadata } from '@annals/contracts';
import { listen, openLog, type OpenedLog, type Running } from '@annals/service';
import { eventually, httpClient, postgresForTests, settingsForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Config } from './config.js';
import { openProjections } from './projections.js';

const A_DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);

const settings = settingsForTests(postgresForTests());

describe('the projections service', () => {
  let writer: OpenedLog;
  let service: Running;
  const http = httpClient(() => service.url);
  const ada = randomUUID();
  const segments = [randomUUID(), randomUUID()] as const;
  const segmentation = randomUUID();
  let last: string;

  const tell = async (stream: string, event: AnnalsEvent, meta: Partial<Metadata> = {}): Promise<string> => {
    const { log } = writer;
    const metadata: Metadata = {
      format: 1, actor: { id: 'x', kind: 'unverified', assurance: 'none' }, department: 'emea/uk', occurredAt: new Date(START).toISOString(), precision: 'instant',
      effectiveAt: new Date(START).toISOString(), commandId: randomUUID(), fingerprint: '0', correlationId: randomUUID(), ...meta,
    };
    const { revision } = await log.append(stream, 'Any', [event], metadata);
    return `${stream}@${revision}`;
  };

  const register = (id: string, full: string, reference?: string): Promise<string> =>
    tell(`customer-${id}`, {
      type: 'CustomerRegistered',
      data: { kind: 'person', name: { full }, country: 'GB', contactPoints: [{ id: randomUUID(), kind: 'email', raw: 'Ada@Example.org' }], ...(reference !== undefined && { reference: { system: 'shop', id: reference } }) },
    }, { source: { system: 'shop' } });

  const buy = (n: number): Promise<string> =>
    tell(`transaction-${randomUUID()}`, {
      type: 'TransactionRecorded',
      data: { kind: 'invoice', number: `n${n}`, parties: [{ customerId: ada, role: 'buyer' }], issuedOn: '2024-01-01', currency: 'GBP', lines: [{ quantity: '1', unitPrice: '1', amountMinor: 100 }], totalMinor: 100 },
    }, { occurredAt: new Date(START + n * A_DAY).toISOString(), source: { system: 'shop' } });

  const talk = (n: number, medium: 'email' | 'voice'): Promise<string> =>
    tell(`communication-${randomUUID()}`, {
      type: 'CommunicationLogged',
      data: {
        medium, platform: medium === 'email' ? 'smtp' : 'pbx', direction: 'inbound', purpose: 'support', participants: [{ role: 'from' }], startedAt: new Date(START + n * A_DAY).toISOString(),
        subjects: [{ ref: { customer: ada }, as: 'party', linkedBy: 'x', basis: 'person' }], title: 'Where is it?',
        parts: [{ id: randomUUID(), role: 'body', mediaType: 'text/plain', text: '你好' }],
      },
    });

  beforeAll(async () => {
    const config: Config = { ...settings(), HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0', ANNALS_TIME_ZONE: 'UTC' };
    writer = await openLog(config);
    await register(ada, 'Ada Lovelace', '17850');
    for (let n = 1; n <= 10; n++) await buy(n);
    const mistaken = await buy(11);
    await tell(mistaken.split('@')[0] ?? '', { type: 'TransactionCancelled', data: { reason: { code: 'mistake' } } });
    for (let n = 1; n <= 5; n++) await talk(n, n === 5 ? 'voice' : 'email');
    await tell(`segmentation-${segmentation}`, {
      type: 'SegmentationTrained',
      data: {
        model: 1, features: ['spent'], scaler: { means: [0], deviations: [1] }, retired: [], k: 2, seed: 1, starts: 1, trainedOn: 3, inertia: 0, silhouette: 0,
        segments: segments.map((id, n) => ({ id, name: { en: `segment ${n}`, zh: `段 ${n}` }, centroid: [n], members: 1, matched: 'new' })),
        asOf: new Date(START).toISOString(), zone: 'UTC', trainedAt: { logId: randomUUID(), position: 0, eventId: null },
      },
    });
    const reason = { code: 'trained', values: [1], distance: 0 } as const;
    await tell(`membership-${ada}`, { type: 'SegmentMembershipChanged', data: { segmentation, to: segments[0], model: 1, reason: { ...reason, values: [1] } } });
    last = await tell(`membership-${ada}`, { type: 'SegmentMembershipChanged', data: { segmentation, from: segments[0], to: segments[1], model: 1, reason: { ...reason, values: [1] } } }, {
      effectiveAt: new Date(START + 20 * A_DAY).toISOString(),
    });
    service = await listen(await openProjections(config));
    await eventually(async () => expect((await http.get('/health/ready')).status).toBe(200), { withinMs: 30_000 });
  }, 90_000);

  afterAll(async () => {
    await service.close();
    for (const dependency of writer.dependencies) await dependency.close();
  });

  it('shows the card of a customer, as the contract says it', async () => {
    const { status, body } = await http.get(`/customers/${ada}?waitFor=${last}`);
    expect(status).toBe(200);
    expect(customerCard.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      id: ada, kind: 'person', department: 'emea/uk', name: { full: 'Ada Lovelace' }, country: 'GB', language: null, revision: 0,
      references: [{ system: 'shop', id: '17850' }], contactPoints: [{ kind: 'email', raw: 'Ada@Example.org' }],
      amounts: [{ currency: 'GBP', orderedMinor: 0, billedMinor: 1_000, paidMinor: 0 }],
      transactions: { invoice: 10 },
      contacts: [
        { medium: 'email', count: 4, lastAt: '2024-01-05T00:00:00.000Z' },
        { medium: 'voice', count: 1, lastAt: '2024-01-06T00:00:00.000Z' },
      ],
      segments: [{ segmentation, segment: segments[1], name: { en: 'segment 1', zh: '段 1' }, since: '2024-01-21T00:00:00.000Z', model: 1 }],
    });
  });

  it('pages through a timeline in both directions, each entry once and in order', async () => {
    const entries: unknown[] = [];
    const pages: unknown[] = [];
    let cursor = '';
    for (let path: string | null = `/customers/${ada}/timeline?limit=4`; path !== null; ) {
      const { body } = await http.get(path);
      const found = page(timelineEntry).parse(body);
      entries.push(...found.items);
      pages.push(found.items);
      cursor = found.previous ?? '';
      path = found.next === null ? null : `/customers/${ada}/timeline?limit=4&cursor=${found.next}`;
    }
    expect(entries).toHaveLength(19);
    const times = entries.map((entry) => Date.parse(String(Object(entry).at)));
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(entries[0]).toMatchObject({ kind: 'segment', fromName: 'segment 0', toName: 'segment 1' });
    expect(entries.filter((entry) => Object(entry).cancelled === true)).toHaveLength(1);
    expect(entries.at(-1)).toMatchObject({ at: new Date(START).toISOString() });
    const { body } = await http.get(`/customers/${ada}/timeline?limit=4&cursor=${cursor}`);
    expect(Object(body).items).toEqual(pages.at(-2));
  });

  it('narrows a timeline by kind, medium, platform, direction, purpose and period', async () => {
    const count = async (query: string): Promise<number> => Object((await http.get(`/customers/${ada}/timeline?${query}`)).body).items.length;
    const queries = ['kind=transaction', 'kind=customer', 'kind=segment', 'medium=voice', 'platform=smtp', 'direction=outbound', 'purpose=support', 'from=2024-01-04T00:00:00.000Z&to=2024-01-06T00:00:00.000Z'];
    expect(await Promise.all(queries.map(count))).toEqual([11, 1, 2, 1, 4, 0, 5, 4]);
    const { body } = await http.get(`/customers/${ada}/timeline?medium=voice`);
    expect(Object(body).items[0]).toMatchObject({ kind: 'communication', title: 'Where is it?', text: '你好', participants: 1, platform: 'pbx', revision: 0 });
  });

  it('finds a customer by reference and by the beginning of a name', async () => {
    const names = ['Ádám Łukasz', 'Adamu Bello', '王小明', 'Grace Adams'];
    let token = '';
    for (const name of names) token = await register(randomUUID(), name);
    const byReference = await http.get(`/customers?reference=shop:17850&waitFor=${token}`);
    expect(byReference.body).toMatchObject({ items: [{ id: ada, name: { full: 'Ada Lovelace' }, references: [{ system: 'shop', id: '17850' }] }], next: null, previous: null });
    const search = async (body: object): Promise<{ names: string[]; next: string | null; previous: string | null }> => {
      const { status, body: answer } = await http.post('/customers/search', body);
      expect(status).toBe(200);
      const found = Object(answer);
      return { names: found.items.map((item: { name: { full: string } }) => item.name.full), next: found.next, previous: found.previous };
    };
    expect((await search({ name: 'ADA' })).names).toEqual(['Ada Lovelace', 'Ádám Łukasz', 'Grace Adams', 'Adamu Bello']);
    expect((await search({ name: '王小' })).names).toEqual(['王小明']);
    expect((await search({ name: 'nobody' })).names).toEqual([]);
    const first = await search({ name: 'ada', limit: 3 });
    const second = await search({ name: 'ada', limit: 3, cursor: first.next });
    const back = await search({ name: 'ada', limit: 3, cursor: second.previous });
    expect([first.names.length, second.names, back.names, back.previous]).toEqual([3, ['Adamu Bello'], first.names, null]);
  });

  it('counts the records of a source, cancelled ones too', async () => {
    const { body } = await http.get('/sources/shop/counts');
    expect(sourceCounts.parse(body)).toMatchObject({
      system: 'shop', communications: 0, transactions: { count: 11, lines: 11, byKind: { invoice: 11 }, totalMinor: { GBP: 1_100 } },
    });
    expect(await http.get('/sources/other/counts')).toMatchObject({ status: 200, body: { customers: 0, transactions: { count: 0, byKind: {} } } });
  });

  it('says with 404 what is not there and with 400 what is not asked rightly', async () => {
    const nobody = randomUUID();
    const statuses = async (paths: readonly string[]): Promise<number[]> => Promise.all(paths.map(async (path) => (await http.get(path)).status));
    expect(await statuses([`/customers/${nobody}`, `/customers/${nobody}/timeline`])).toEqual([404, 404]);
    expect((await http.post('/read-models/none/rebuild', {})).status).toBe(404);
    const timeline = `/customers/${ada}/timeline`;
    const wrong = ['/customers/1', '/customers?sort=billed', '/customers?billedFrom=1', '/customers?cursor=x', '/customers/export?limit=5', '/customers?reference=shop', `${timeline}?limit=201`, `${timeline}?cursor=x`, `${timeline}?kind=x`, `${timeline}?from=now`, `${timeline}?page=2`, `/customers/${ada}?waitFor=x@1`];
    expect(await statuses(wrong)).toEqual(wrong.map(() => 400));
    for (const name of [' ', 'a\u0000', 'a\ud800']) expect((await http.post('/customers/search', { name })).body).toMatchObject({ status: 400, errors: [{ pointer: '/name' }] });
    expect((await http.get('/customers?reference=shop:%00')).body).toMatchObject({ status: 400, errors: [{ pointer: '/query/reference' }] });
  });

  it('answers 503 with Retry-After where an event does not become visible in time', async () => {
    const { status, headers, body } = await http.get(`/customers/${ada}?waitFor=customer-${ada}@9000`);
    expect([status, headers.get('retry-after'), body['code']]).toEqual([503, '1', 'not-yet-visible']);
  });

  it('rebuilds a read model when asked, and answers the same', async () => {
    const before = (await http.get(`/customers/${ada}`)).body;
    const asked = await http.post('/read-models/card/rebuild', {});
    expect(asked.status).toBe(202);
    await eventually(async () => {
      const { items } = Object((await http.get('/read-models')).body);
      expect(items.map(({ name, state, generation, lag, parked }: Record<string, unknown>) => [name, state, String(generation).split('-')[1], lag, parked])).toEqual([
        ['card', 'live', '2', 0, 0],
        ['timeline', 'live', '1', 0, 0],
        ['records', 'live', '1', 0, 0],
      ]);
    });
    expect((await http.get(`/customers/${ada}`)).body).toEqual(before);
  });
});
