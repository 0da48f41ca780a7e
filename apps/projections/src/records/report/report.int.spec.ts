import { randomUUID } from 'node:crypto';

import { communicationPage, operationsReport, type AnnalsEvent, type Metadata, type OperationsFigures } from '@annals/contracts';
import { listen, openLog, type OpenedLog, type Running } from '@annals/service';
import { eventually, httpClient, postgresForTests, settingsForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Config } from '../../config.js';
import { openProjections } from '../../projections.js';

const settings = settingsForTests(postgresForTests());
const minute = (n: number): string => new Date(Date.UTC(2024, 2, 30, 12, n)).toISOString();

describe('the operations report', () => {
  let writer: OpenedLog;
  let service: Running;
  const http = httpClient(() => service.url);
  let last: string;

  const tell = async (stream: string, event: AnnalsEvent, department: string): Promise<void> => {
    const metadata: Metadata = {
      format: 1, actor: { id: 'x', kind: 'unverified', assurance: 'none' }, department, occurredAt: minute(0), precision: 'day',
      effectiveAt: minute(0), commandId: randomUUID(), fingerprint: '0', correlationId: randomUUID(),
    };
    last = `${stream}@${(await writer.log.append(stream, 'Any', [event], metadata)).revision}`;
  };
  type Said = Partial<AnnalsEvent<'CommunicationLogged'>['data']>;
  const say = async (at: number, said: Said, department = 'emea/uk'): Promise<string> => {
    const stream = `communication-${randomUUID()}`;
    await tell(stream, { type: 'CommunicationLogged', data: { medium: 'message', direction: 'inbound', purpose: 'support', participants: [], subjects: [], parts: [], startedAt: minute(at), ...said } }, department);
    return stream;
  };
  const chat = (key: string, direction: 'inbound' | 'outbound') => ({ direction, conversation: { platform: 'chat', key } });
  const call = (more: Said): Said => ({ medium: 'voice', purpose: 'sales', ...more });
  const report = async (query: string) => {
    const { status, body } = await http.get(`/reports/operations?from=2024-03-30&to=2024-04-02${query}`);
    expect([query, status]).toEqual([query, 200]);
    return operationsReport.parse(body);
  };

  beforeAll(async () => {
    const config: Config = { ...settings(), HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0', ANNALS_TIME_ZONE: 'Europe/London' };
    writer = await openLog(config);
    // Asked twice, answered after ten minutes; asked again, and nobody answers. What comes late finds its place.
    await say(10, chat('a', 'outbound'));
    await say(0, chat('a', 'inbound'));
    await say(4, chat('a', 'inbound'));
    await say(20, chat('a', 'inbound'));
    // Answered by another department: open to who sees the first alone.
    await say(1, chat('b', 'inbound'), 'emea/de');
    await say(3, chat('b', 'outbound'), 'apac');
    // An answer that was recorded by mistake is none.
    await say(2, chat('c', 'inbound'));
    const mistaken = await say(5, chat('c', 'outbound'));
    await tell(mistaken, { type: 'CommunicationRetracted', data: { reason: { code: 'mistake' }, by: 'staff' } }, 'emea/uk');
    await say(0, call({ answeredAt: minute(1) }));
    await say(1, call({ answeredAt: minute(4) }), 'apac');
    await say(2, call({ disposition: 'answered' }));
    await say(3, call({ disposition: 'voicemail' }));
    await say(4, call({}));
    // Clocks change in the night to the 31st: its last hour begins at 22:00 in UTC.
    await say(0, { startedAt: '2024-03-31T22:59:59.999Z', medium: 'email', direction: 'outbound' });
    await say(0, { startedAt: '2024-03-31T23:00:00.000Z', medium: 'email', direction: 'outbound' });
    await say(0, { startedAt: '2024-04-02T23:00:00.000Z', medium: 'email', direction: 'outbound' });
    service = await listen(await openProjections(config));
    await eventually(async () => expect((await http.get(`/communications?waitFor=${last}`)).status).toBe(200));
  }, 90_000);

  afterAll(async () => {
    await service.close();
    for (const dependency of writer.dependencies) await dependency.close();
  });

  it('counts what was said, who was answered after how long, and who was not', async () => {
    const { total, zone } = await report('');
    expect([zone, total.count]).toEqual(['Europe/London', 14]);
    const { calls, firstResponse } = total;
    expect([calls.answered.count, calls.missed.count, calls.timeToAnswer]).toEqual([3, 1, expect.objectContaining({ count: 2, meanMs: 120_000, p50Ms: 60_000, p90Ms: 180_000 })]);
    expect(firstResponse).toMatchObject({ answered: { count: 2, meanMs: 360_000, p50Ms: 120_000, p90Ms: 600_000 }, open: { count: 2 } });
  });

  it('groups by days of the deployment, media, purposes, directions and departments with those below', async () => {
    const counts = async (by: string): Promise<[string, number][]> => (await report(`&by=${by}`)).groups.map(({ key, figures }) => [key, figures.count]);
    expect(await counts('day')).toEqual([['2024-03-30', 12], ['2024-03-31', 1], ['2024-04-01', 1]]);
    expect(await counts('medium')).toEqual([['message', 7], ['voice', 5], ['email', 2]]);
    expect(await counts('purpose')).toEqual([['support', 9], ['sales', 5]]);
    expect(await counts('direction')).toEqual([['inbound', 10], ['outbound', 4]]);
    expect(await counts('department')).toEqual([['emea', 12], ['emea/uk', 11], ['apac', 2], ['emea/de', 1]]);
  });

  it.each(['', '&by=day', '&by=medium', '&by=purpose', '&by=direction', '&by=department', '&by=department&medium=message', '&department=emea&by=day'])('opens exactly the communications behind every figure%s', async (query) => {
    const { total, groups } = await report(query);
    for (const { count, items } of [total, ...groups.map(({ figures }) => figures)].flatMap(countsIn)) {
      const { body } = await http.get(`${items}&limit=200&count=true`);
      const page = communicationPage.parse(body);
      expect([items, page.items.length, page.count]).toEqual([items, count, { value: count, more: false }]);
    }
  });

  it('refuses a period that ends before it begins, and one of more than 366 days', async () => {
    const statuses = await Promise.all(['from=2024-01-02&to=2024-01-01', 'from=2023-01-01&to=2024-01-02', 'from=2024-01-01', 'from=2024-01-01&to=2024-01-01&by=platform'].map(async (query) => (await http.get(`/reports/operations?${query}`)).status));
    expect(statuses).toEqual([400, 400, 400, 400]);
  });
});

function countsIn({ count, items, calls, firstResponse }: OperationsFigures): { count: number; items: string }[] {
  return [{ count, items }, calls.answered, calls.missed, calls.timeToAnswer, firstResponse.answered, firstResponse.open];
}
