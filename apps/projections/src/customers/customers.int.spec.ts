import { randomUUID } from 'node:crypto';

import { customerPage, followUp, page, possibleDuplicate, type AnnalsEvent, type Metadata } from '@annals/contracts';
import { listen, openLog, type OpenedLog, type Running } from '@annals/service';
import { eventually, httpClient, postgresForTests, settingsForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Config } from '../config.js';
import { openProjections } from '../projections.js';

const settings = settingsForTests(postgresForTests());
const instantOf = (n: number): string => new Date(Date.UTC(2024, 0, n)).toISOString();

describe('lists of customers and of what is to be done', () => {
  let writer: OpenedLog;
  let service: Running;
  const http = httpClient(() => service.url);
  const [ada, bo, chen] = [randomUUID(), randomUUID(), randomUUID()];
  let last: string;

  const tell = async (stream: string, event: AnnalsEvent, department = 'emea/uk', day = 1): Promise<string> => {
    const metadata: Metadata = {
      format: 1, actor: { id: 'x', kind: 'unverified', assurance: 'none' }, department, occurredAt: instantOf(day), precision: 'day',
      effectiveAt: instantOf(day), commandId: randomUUID(), fingerprint: '0', correlationId: randomUUID(),
    };
    return `${stream}@${(await writer.log.append(stream, 'Any', [event], metadata)).revision}`;
  };
  const register = (id: string, full: string, country: string, day: number) =>
    tell(`customer-${id}`, { type: 'CustomerRegistered', data: { kind: 'person', name: { full }, country, contactPoints: [{ id: randomUUID(), kind: 'phone', raw: '+44 20 7946 0000', normalised: '+442079460000' }] } }, id === chen ? 'apac' : 'emea/uk', day);
  const names = async (path: string): Promise<string[]> => {
    const { status, body } = await http.get(path);
    expect([path, status]).toEqual([path, 200]);
    return customerPage.parse(body).items.map(({ name }) => (name !== null && 'full' in name ? name.full : ''));
  };

  beforeAll(async () => {
    const config: Config = { ...settings(), HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0', ANNALS_TIME_ZONE: 'UTC' };
    writer = await openLog(config);
    await register(ada, 'Ada, "=cmd"', 'GB', 1);
    await register(bo, '=HYPERLINK("x")', 'SE', 2);
    await register(chen, '陈晨', 'CN', 3);
    await tell(`customer-${ada}`, { type: 'CustomerTagged', data: { tag: 'vip' } });
    await tell(`customer-${bo}`, { type: 'CustomerAssigned', data: { role: 'owner', staffId: 'kim', department: 'emea/uk' } });
    for (const [customerId, totalMinor] of [[ada, 500], [bo, 900]] as const) {
      await tell(`transaction-${randomUUID()}`, { type: 'TransactionRecorded', data: { kind: 'invoice', parties: [{ customerId, role: 'buyer' }], issuedOn: '2024-01-01', currency: 'GBP', lines: [], totalMinor } });
    }
    await tell(`communication-${randomUUID()}`, {
      type: 'CommunicationLogged',
      data: {
        medium: 'message', direction: 'inbound', purpose: 'support', participants: [], startedAt: instantOf(9),
        subjects: [{ ref: { customer: ada }, as: 'party', linkedBy: 'x', basis: 'person' }], title: 'Rücksendung',
        parts: [{ id: randomUUID(), role: 'body', mediaType: 'text/plain', text: '我要退货, please send a label' }],
      },
    });
    for (const day of [5, 6]) {
      last = await tell(`followup-${randomUUID()}`, { type: 'FollowUpScheduled', data: { assignee: day === 5 ? { staffId: 'kim' } : { department: 'emea/uk' }, dueAt: instantOf(day), subject: { customer: ada }, text: `call ${day}` } });
    }
    service = await listen(await openProjections(config));
    await eventually(async () => expect((await http.get('/health/ready')).status).toBe(200), { withinMs: 30_000 });
    await http.get(`/customers?waitFor=${last}`);
  }, 90_000);

  afterAll(async () => {
    await service.close();
    for (const dependency of writer.dependencies) await dependency.close();
  });

  it('are narrowed, ordered and counted as asked for', async () => {
    const [a, b, c] = ['Ada, "=cmd"', '=HYPERLINK("x")', '陈晨'];
    expect(await names('/customers')).toEqual([b, a, c]);
    expect(await names('/customers?sort=registered')).toEqual([c, b, a]);
    expect(await names('/customers?sort=billed&currency=GBP')).toEqual([b, a]);
    expect(await names('/customers?sort=last-contact&limit=1')).toEqual([a]);
    const filters = ['country=GB', 'tag=vip', 'assignee=kim', 'department=apac', 'billedFrom=600&currency=GBP', `lastContactAfter=${instantOf(9)}`, `lastContactBefore=${instantOf(9)}`, 'country=GB&tag=vip', 'country=SE&tag=vip'];
    expect(await Promise.all(filters.map((filter) => names(`/customers?${filter}`)))).toEqual([[a], [a], [b], [c], [b], [a], [], [a], []]);
    expect((await http.get('/customers?count=true&limit=1')).body).toMatchObject({ count: { value: 3, more: false } });
    const first = customerPage.parse((await http.get('/customers?limit=2')).body);
    expect(Buffer.from(first.next ?? '', 'base64url').toString()).not.toMatch(/ada/i);
    expect(await names(`/customers?limit=2&cursor=${first.next}`)).toEqual([c]);
  });

  it('find a customer by a contact point, in whatever way it is written', async () => {
    const found = async (body: object): Promise<string[]> => customerPage.parse((await http.post('/customers/search', body)).body).items.map(({ id }) => id).sort();
    expect(await found({ contactPoint: { kind: 'phone', value: '020 7946 0000', country: 'GB' } })).toEqual([ada, bo, chen].sort());
    expect(await found({ contactPoint: { kind: 'phone', value: '+442079460000' }, name: '陈' })).toEqual([chen]);
    expect(await found({ contactPoint: { kind: 'phone', value: '+442079460000' }, department: 'apac' })).toEqual([chen]);
    expect(await found({ contactPoint: { kind: 'email', value: '+442079460000' } })).toEqual([]);
    expect((await http.post('/customers/search', {})).status).toBe(400);
  });

  it('say who may be one and why, until somebody says that they are two', async () => {
    const pairs = async (query = ''): Promise<string[][]> => page(possibleDuplicate).parse((await http.get(`/customers/duplicates?${query}`)).body).items.map(({ customers }) => customers.map(({ id }) => id));
    const pairOf = (...ids: string[]): string[] => ids.sort();
    const inOrder = (...all: string[][]): string[][] => all.sort(([a = '', b = ''], [c = '', d = '']) => (a + b < c + d ? -1 : 1));
    expect((await http.get('/customers/duplicates?department=emea')).body).toMatchObject({ items: [{ count: { value: 2, more: false }, reasons: [{ of: 'contact-point', kind: 'phone' }], since: new Date(instantOf(2)).toISOString() }], next: null, previous: null });
    expect(await pairs()).toEqual(inOrder(pairOf(ada, bo), pairOf(ada, chen), pairOf(bo, chen)));
    const said = await tell(`customer-${chen}`, { type: 'DuplicateDismissed', data: { other: ada, reason: { code: 'one-household' } } }, 'apac');
    expect(await pairs(`waitFor=${said}`)).toEqual(inOrder(pairOf(ada, bo), pairOf(bo, chen)));
    const withdrawn = await tell(`customer-${chen}`, { type: 'DuplicateDismissalWithdrawn', data: { other: ada, reason: { code: 'mistake' } } }, 'apac');
    expect(await pairs(`waitFor=${withdrawn}`)).toEqual(inOrder(pairOf(ada, bo), pairOf(ada, chen), pairOf(bo, chen)));
    const sinces = page(possibleDuplicate).parse((await http.get('/customers/duplicates')).body).items.map(({ since }) => since);
    expect(sinces.sort()).toEqual([2, 3, 3].map((day) => new Date(instantOf(day)).toISOString()));
    expect(await pairs('department=apac')).toEqual([]);
    for (const wrong of ['cursor=x', 'limit=101', 'page=2']) expect((await http.get(`/customers/duplicates?${wrong}`)).status).toBe(400);
  });

  it('are exported as CSV that no spreadsheet takes for a formula', async () => {
    const answer = await fetch(`${service.url}/customers/export?bom=true`);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 3).toString('hex')).toBe('efbbbf');
    const lines = bytes.subarray(3).toString('utf8').split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^id,kind,name,department/);
    expect(lines[1]).toContain('"\'=HYPERLINK(""x"")"');
    expect(lines[2]).toContain('"Ada, ""=cmd"""');
    expect(lines[3]).toContain('陈晨');
  });

  it('show what is to be done, by whom and by when', async () => {
    const texts = async (query: string): Promise<unknown[]> => page(followUp).parse((await http.get(`/follow-ups?${query}`)).body).items.map(({ text }) => text);
    const queries = ['', 'assignee=kim', 'department=emea', `dueBefore=${instantOf(6)}`, `dueFrom=${instantOf(6)}`, `customer=${bo}`, 'limit=1'];
    expect(await Promise.all(queries.map(texts))).toEqual([['call 5', 'call 6'], ['call 5'], ['call 6'], ['call 5'], ['call 6'], [], ['call 5']]);
    expect((await http.get(`/customers/${ada}`)).body).toMatchObject({ tags: ['vip'], followUps: [{ text: 'call 5' }, { text: 'call 6' }], latestTransactions: [{ totalMinor: 500 }] });
  });

  it('find what was said by words of English and of two Chinese characters', async () => {
    const found = async (text: string): Promise<number> => Object((await http.post(`/customers/${ada}/timeline/search`, { text })).body).items.length;
    expect(await Promise.all(['退货', '要退货', 'LABEL', 'rucksendung 退货', '退款', 'labels'].map(found))).toEqual([1, 1, 1, 1, 0, 0]);
    expect((await http.post(`/customers/${ada}/timeline/search`, { text: '.' })).body).toMatchObject({ status: 400, errors: [{ pointer: '/text' }] });
    expect((await http.get(`/customers/${ada}/timeline?text=label`)).status).toBe(400);
  });
});
