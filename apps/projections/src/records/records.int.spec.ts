import { randomUUID } from 'node:crypto';

import { communicationPage, transactionPage, type AnnalsEvent, type Metadata } from '@annals/contracts';
import { listen, openLog, type OpenedLog, type Running } from '@annals/service';
import { eventually, httpClient, postgresForTests, settingsForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Config } from '../config.js';
import { openProjections } from '../projections.js';

const settings = settingsForTests(postgresForTests());
const instantOf = (n: number): string => new Date(Date.UTC(2024, 0, n)).toISOString();
const reason = { code: 'mistake' };

describe('lists of communications and transactions', () => {
  let writer: OpenedLog;
  let service: Running;
  const http = httpClient(() => service.url);
  const [ada, bo] = [randomUUID(), randomUUID()];
  const segment = randomUUID();
  let last: string;

  const tell = async (stream: string, event: AnnalsEvent, department = 'emea/uk', day = 1): Promise<string> => {
    const metadata: Metadata = {
      format: 1, actor: { id: 'x', kind: 'unverified', assurance: 'none' }, department, occurredAt: instantOf(day), precision: 'day',
      effectiveAt: instantOf(day), commandId: randomUUID(), fingerprint: '0', correlationId: randomUUID(),
    };
    return (last = `${stream}@${(await writer.log.append(stream, 'Any', [event], metadata)).revision}`);
  };
  type Said = Partial<AnnalsEvent<'CommunicationLogged'>['data']> & { readonly title: string; readonly of?: string };
  const say = async (day: number, { of, ...more }: Said, department?: string): Promise<string> => {
    const stream = `communication-${randomUUID()}`;
    const subjects = of === undefined ? [] : [{ ref: { customer: of }, as: 'party' as const, linkedBy: 'x', basis: 'person' as const }];
    await tell(stream, { type: 'CommunicationLogged', data: { medium: 'email', direction: 'inbound', purpose: 'support', participants: [], subjects, startedAt: instantOf(day), parts: [], ...more } }, department);
    return stream;
  };
  const buy = (day: number, customerId: string, totalMinor: number, number: string) =>
    tell(`transaction-${randomUUID()}`, { type: 'TransactionRecorded', data: { kind: 'invoice', number, parties: [{ customerId, role: 'buyer' }], issuedOn: '2024-01-01', currency: 'GBP', lines: [], totalMinor, reference: { system: 'erp', id: number } } }, 'emea/uk', day);
  const titles = async (query: string): Promise<unknown[]> => {
    const { status, body } = await http.get(`/communications?${query}`);
    expect([query, status]).toEqual([query, 200]);
    return communicationPage.parse(body).items.map(({ title }) => title);
  };
  const numbers = async (query: string): Promise<unknown[]> => transactionPage.parse((await http.get(`/transactions?${query}`)).body).items.map(({ number }) => number);

  beforeAll(async () => {
    const config: Config = { ...settings(), HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0', ANNALS_TIME_ZONE: 'UTC' };
    writer = await openLog(config);
    await tell(`customer-${ada}`, { type: 'CustomerRegistered', data: { kind: 'person', name: { full: 'Ada' }, country: 'GB', contactPoints: [] } });
    await tell(`customer-${bo}`, { type: 'CustomerRegistered', data: { kind: 'person', name: { full: '=Bo' }, country: 'SE', contactPoints: [] } }, 'apac');
    await tell(`customer-${ada}`, { type: 'CustomerTagged', data: { tag: 'vip' } });
    await tell(`customer-${bo}`, { type: 'CustomerAssigned', data: { role: 'owner', staffId: 'kim', department: 'apac' } });
    await tell(`membership-${ada}`, { type: 'SegmentMembershipChanged', data: { segmentation: randomUUID(), to: segment, model: 1, reason: { code: 'trained', values: [], distance: 0 } } });
    await say(2, { title: 'a', of: ada });
    await say(3, { title: 'b', of: bo, direction: 'outbound', platform: 'gmail' });
    await say(4, { title: '=c', medium: 'voice', disposition: 'missed', parts: [{ id: randomUUID(), role: 'transcript', mediaType: 'text/plain', text: 'x'.repeat(300) }] });
    await say(5, { title: 'd', of: ada, medium: 'voice', answeredAt: new Date(Date.UTC(2024, 0, 5, 0, 0, 9)).toISOString() }, 'apac');
    const mistaken = await say(6, { title: 'e', conversation: { platform: 'mail', key: 'k' } });
    await tell(mistaken, { type: 'CommunicationRetracted', data: { reason, by: 'staff' } });
    await buy(2, ada, 500, '1');
    await buy(3, bo, 900, '2');
    await buy(4, bo, -100, '3');
    service = await listen(await openProjections(config));
    await eventually(async () => expect((await http.get(`/communications?waitFor=${last}`)).status).toBe(200));
  }, 90_000);

  afterAll(async () => {
    await service.close();
    for (const dependency of writer.dependencies) await dependency.close();
  });

  it('are narrowed by what is said of the record, and counted', async () => {
    const conversation = communicationPage.parse((await http.get('/communications?mistaken=true')).body).items[0]?.conversation?.id;
    const found: [query: string, titles: string[]][] = [
      ['', ['e', 'd', '=c', 'b', 'a']],
      ['order=asc', ['a', 'b', '=c', 'd', 'e']],
      ['medium=voice', ['d', '=c']],
      ['direction=outbound', ['b']],
      ['platform=gmail&purpose=support', ['b']],
      ['disposition=missed', ['=c']],
      ['call=missed', ['=c']],
      ['call=answered&answerFrom=9000', ['d']],
      ['answerTo=9000', []],
      ['department=emea', ['e', '=c', 'b', 'a']],
      ['mistaken=false', ['d', '=c', 'b', 'a']],
      [`conversation=${conversation}`, ['e']],
      [`from=${instantOf(3)}&to=${instantOf(5)}`, ['=c', 'b']],
    ];
    for (const [query, expected] of found) {
      expect([query, await titles(query)]).toEqual([query, expected]);
      expect([query, (await http.get(`/communications?count=true&limit=1&${query}`)).body['count']]).toEqual([query, { value: expected.length, more: false }]);
    }
  });

  it('are narrowed by the customers whom a record concerns, and by its concerning none', async () => {
    const queries = ['subject=none', 'subject=any', `customer=${ada}`, 'tag=vip', 'country=SE', 'assignee=kim', `segment=${segment}`, 'tag=vip&assignee=kim', `customer=${bo}&tag=vip`, 'tag=vip&medium=voice'];
    expect(await Promise.all(queries.map(titles))).toEqual([['e', '=c'], ['d', 'b', 'a'], ['d', 'a'], ['d', 'a'], ['b'], ['b'], ['d', 'a'], [], [], ['d']]);
    expect(await numbers('assignee=kim')).toEqual(['3', '2']);
  });

  it('show the first words of a record and the names of its customers', async () => {
    const { items } = communicationPage.parse((await http.get('/communications?limit=200')).body);
    expect(items.map(({ text }) => String(text ?? '').length)).toEqual([0, 0, 200, 0, 0]);
    expect(items.map(({ customers }) => customers.map(({ name }) => name))).toEqual([[], [{ full: 'Ada' }], [], [{ full: '=Bo' }], [{ full: 'Ada' }]]);
  });

  it('are turned over page by page, by time and by total', async () => {
    const seen: unknown[] = [];
    let cursor: string | null = '';
    do {
      const page = communicationPage.parse((await http.get(`/communications?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)).body);
      seen.push(...page.items.map(({ title }) => title));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(['e', 'd', '=c', 'b', 'a']);
    expect(await numbers('sort=total&currency=GBP')).toEqual(['2', '1', '3']);
    expect(await numbers('sort=total&currency=GBP&order=asc&limit=2')).toEqual(['3', '1']);
    expect(await Promise.all(['currency=GBP&totalFrom=500', 'currency=GBP&totalTo=500', 'currency=EUR', 'number=2', 'reference=erp:3', 'kind=order', 'cancelled=true'].map(numbers))).toEqual([['2', '1'], ['3'], [], ['2'], ['3'], [], []]);
  });

  it('are exported as CSV that no spreadsheet takes for a formula', async () => {
    const lines = async (path: string): Promise<string[]> => (await (await fetch(`${service.url}${path}`)).text()).split('\r\n');
    expect(await lines('/communications/export?medium=voice&call=missed')).toEqual([expect.stringMatching(/^id,startedAt,/), expect.stringContaining(",'=c,xxx"), '']);
    const transactions = await lines('/transactions/export?order=asc&customer=' + bo);
    expect(transactions).toEqual([expect.stringMatching(/^id,at,/), expect.stringContaining(",GBP,900,"), expect.stringContaining(",GBP,'-100,"), '']);
    expect(transactions[1]).toContain(",'=Bo,erp:2");
  });

  it('say with 400 what is not asked rightly', async () => {
    const wrong = ['/communications?medium=fax', '/communications?cursor=x', '/communications?subject=some', '/communications?from=now', '/communications/export?limit=5', '/transactions?sort=total', '/transactions?totalFrom=1', '/transactions?reference=erp', '/transactions?medium=voice'];
    expect(await Promise.all(wrong.map(async (path) => (await http.get(path)).status))).toEqual(wrong.map(() => 400));
  });
});
