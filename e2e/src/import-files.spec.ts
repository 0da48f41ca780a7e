import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually, httpClient } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { annals, startAnnals, type Finished } from './fixtures/annals.js';
import { systemForTests } from './fixtures/running-system.js';

const system = systemForTests();
const http = httpClient(() => system().url);
const CUSTOMERS = 6_000;
let folder: string;

const importing = (kind: string, path: string, ...more: string[]): Promise<Finished> => annals(['import', kind, path, '--source', 'crm', '--json', ...more], system().url);

async function written(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-import-files-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('annals import', () => {
  it('killed half-way and run again holds every customer of the file once, and the third time creates nothing', async () => {
    const rows = Array.from({ length: CUSTOMERS }, (_, index) => `${index},王小明 ${index},+44 20 7946 0018`);
    const path = await written('customers.csv', ['No,Name,Phone', ...rows].join('\n'));
    const map = await written('map.json', JSON.stringify({ Name: 'name.full', Phone: { path: 'contactPoints[0].raw', kind: 'phone' }, '*': { kind: 'person' } }));
    const args = ['import', 'customers', path, '--source', 'crm', '--id', 'No', '--map', map];
    const run = startAnnals(args, system().url);
    await eventually(async () => Number((await http.get('/services/customers/log')).body['position']) > 0, { withinMs: 60_000 });
    run.process.kill('SIGKILL');
    await run.finished;
    const second = await importing('customers', path, '--id', 'No', '--map', map);
    expect(JSON.parse(second.out)).toMatchObject({ done: true, records: CUSTOMERS, refused: 0, rejected: 0, figures: [{ file: CUSTOMERS, log: CUSTOMERS, readModels: CUSTOMERS }] });
    expect(JSON.parse(second.out)).toMatchObject({ unchanged: expect.any(Number) });
    expect((JSON.parse(second.out) as { unchanged: number }).unchanged).toBeGreaterThan(0);
    expect(second.code).toBe(0);
    const third = await annals(args, system().url);
    expect(third.out).toContain(`0 created, ${CUSTOMERS.toLocaleString('en-GB')} were there already, 0 rejected. Nothing was created.`);
    expect(third.code).toBe(0);
  }, 240_000);

  it('sums transactions by currency, and tells those that the service rejects by line and reason', async () => {
    const line = (id: string, currency: string, total: number): string =>
      JSON.stringify({ reference: { system: 'crm', id }, kind: 'payment', issuedOn: '2026-01-02', currency, lines: [{ quantity: '1', unitPrice: '5', amountMinor: 500 }], totalMinor: total });
    const path = await written('payments.ndjson', [line('1', 'GBP', 500), line('2', 'EUR', 500), line('3', 'EUR', 501), line('4', 'EUR', 500)].join('\n'));
    const finished = await importing('transactions', path);
    const result = JSON.parse(finished.out) as { figures: { figure: string; file: number; log: number; readModels: number }[]; first: { line: number }[] };
    expect(result).toMatchObject({ done: false, created: 3, rejected: 1, first: [{ line: 3 }] });
    expect(result.figures.map(({ figure, file, log, readModels }) => [figure, file, log, readModels])).toEqual([
      ['records', 3, 3, 3],
      ['sum in EUR (minor units)', 1_000, 1_000, 1_000],
      ['sum in GBP (minor units)', 500, 500, 500],
    ]);
    expect(finished.code).toBe(1);
  }, 60_000);

  it('imports what was said', async () => {
    const path = await written('notes.csv', 'reference.id,reference.system,medium,direction,purpose,startedAt,parts[0].role,parts[0].mediaType,parts[0].text\n1,crm,note,internal,service,2026-01-02T03:04:05Z,body,text/plain,=SUM(A1)\n');
    const finished = await importing('communications', path);
    expect(JSON.parse(finished.out)).toMatchObject({ done: true, created: 1, figures: [{ file: 1, log: 1, readModels: 1 }] });
  }, 60_000);
});
