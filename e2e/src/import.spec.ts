import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually, httpClient } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { annals, startAnnals, type Finished } from './fixtures/annals.js';
import { systemForTests } from './fixtures/running-system.js';
import { smallLedger, type SmallLedger } from './fixtures/small-ledger.js';

const system = systemForTests();
const http = httpClient(() => system().url);
/** What is killed while an import is under way, the command itself last. */
const PARTS = ['customers', 'transactions', 'gateway', 'projections', 'analytics', 'postgresql', 'annals'] as const;
const LEDGER_INVOICES = 700;
/** Each import brings more of one ledger; this is all of it. */
const ledger = smallLedger(LEDGER_INVOICES * PARTS.length);
let folder: string;
let file: string;

async function written({ text, transactions }: SmallLedger): Promise<string> {
  const path = join(folder, `ledger-${transactions}.csv`);
  await writeFile(path, text);
  return path;
}

/** How far the log goes. A service that is being started again does not say. */
async function position(): Promise<number> {
  const { body } = await http.get('/services/communications/log');
  return Number(body['position']);
}

const importing = (path: string, ...more: string[]): Promise<Finished> => annals(['import', 'retail', path, ...more], system().url);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-import-'));
  file = await written(ledger);
});

afterAll(() => rm(folder, { recursive: true }));

interface Result {
  readonly figures: readonly { readonly figure: string; readonly file: number; readonly log: number; readonly readModels: number }[];
}

const figuresOf = ({ out }: Finished): Record<string, number[]> => {
  const { figures } = JSON.parse(out) as Result;
  return Object.fromEntries(figures.map(({ figure, ...values }) => [figure, [values.file, values.log, values.readModels]]));
};

/** Every entry of a timeline, page by page, and back again. */
async function wholeTimeline(id: string, query: string): Promise<{ forth: unknown[]; back: unknown[] }> {
  const forth: unknown[] = [];
  const back: unknown[] = [];
  let path: string | null = `/customers/${id}/timeline?${query}`;
  let last = '';
  while (path !== null) {
    const { body } = await http.get(path);
    forth.push(...(body['items'] as unknown[]));
    last = path;
    path = body['next'] === null ? null : `/customers/${id}/timeline?${query}&cursor=${String(body['next'])}`;
  }
  for (let at: string | null = last; at !== null; ) {
    const { body } = await http.get(at);
    back.unshift(...(body['items'] as unknown[]));
    at = body['previous'] === null ? null : `/customers/${id}/timeline?${query}&cursor=${String(body['previous'])}`;
  }
  return { forth, back };
}

describe('annals import retail', () => {
  it.each(PARTS.map((name, index) => [name, smallLedger(LEDGER_INVOICES * (index + 1))] as const))(
    'survives the death of %s in the middle, and in the end log and read models hold the file exactly',
    async (name, longer) => {
      const path = await written(longer);
      const before = await position();
      const run = startAnnals(['import', 'retail', path, '--json'], system().url);
      await eventually(async () => (await position()) > before, { withinMs: 30_000 });
      if (name === 'annals') {
        run.process.kill('SIGKILL');
        await run.finished;
        expect((await importing(path, '--json')).code).toBe(0);
        return;
      }
      system().kill(name);
      const finished = await run.finished;
      expect(finished.err).not.toMatch(/Error|rejected/);
      expect(figuresOf(finished)).toMatchObject({
        lines: Array(3).fill(longer.lines),
        transactions: Array(3).fill(longer.transactions),
        customers: Array(3).fill(longer.customers),
        'sum in GBP': Array(3).fill(longer.totalMinor),
      });
      expect(finished.code).toBe(0);
    },
    180_000,
  );

  it('creates nothing when it is run again, and says so', async () => {
    const again = await importing(file);
    expect(again.out).toContain('Nothing was created.');
    expect(again.out).toContain(`Transactions: 0 created, ${ledger.transactions.toLocaleString('en-GB')} were there already, 0 rejected`);
    expect(again.code).toBe(0);
  }, 120_000);

  it('leads by reference to a card that says what the file says, and to a timeline that pages through all of it', async () => {
    const found = await http.get('/customers?reference=retail:10001');
    const [{ id } = { id: '' }] = found.body['items'] as { id: string }[];
    const { body: card } = await http.get(`/customers/${id}`);
    expect(card['amounts']).toEqual([{ currency: 'GBP', orderedMinor: 0, billedMinor: ledger.first.billedMinor, paidMinor: 0 }]);
    const counts = Object.values(card['transactions'] as Record<string, number>);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(ledger.first.count);
    const { forth, back } = await wholeTimeline(id, 'kind=transaction&limit=7');
    expect(forth).toHaveLength(ledger.first.count);
    expect(back).toEqual(forth);
    const totals = forth as { totalMinor: number; at: string }[];
    expect(totals.reduce((sum, { totalMinor }) => sum + totalMinor, 0)).toBe(ledger.first.billedMinor);
    expect(totals.map(({ at }) => at)).toEqual(totals.map(({ at }) => at).toSorted().reverse());
  });

  it('refuses the invoices of bad rows with line and reason, records the others, and ends with 1', async () => {
    const [header = ''] = ledger.text.split('\n');
    const line = (invoice: string, quantity: string): string => `${invoice},S,x,${quantity},2011-05-01 10:00:00,1.00,10001.0,EIRE`;
    const bad = join(folder, 'bad.csv');
    await writeFile(bad, [header, line('700001', '1'), line('700002', '1'), line('700002', 'two'), line('700003', '1')].join('\n'));
    const finished = await importing(bad);
    expect(finished.code).toBe(1);
    expect(finished.out).toContain('line 4: invoice 700002 is refused: Quantity "two" is not a decimal number');
    expect(finished.out).toContain('Transactions: 2 created');
    const history = await http.get('/services/transactions/sources/retail/counts');
    expect(history.body['transactions']).toMatchObject({ count: ledger.transactions + 2, lines: ledger.lines + 2 });
  }, 60_000);

  it('says how to go on when it is interrupted', async () => {
    const [header = ''] = ledger.text.split('\n');
    const rows = Array.from({ length: 30_000 }, (_, index) => `8${index},S,x,1,2011-05-01 10:00:00,1.00,,EIRE`);
    const long = join(folder, 'long.csv');
    await writeFile(long, [header, ...rows].join('\n'));
    const run = startAnnals(['import', 'retail', long], system().url);
    await run.says(/Transactions: /);
    run.process.kill('SIGINT');
    const { code, err } = await run.finished;
    expect(err).toContain('Interrupted. Nothing is lost: run the same command again');
    expect(code).toBe(130);
  }, 120_000);
});

describe('annals, beside the import', () => {
  it('shows the system as it is', async () => {
    const { out, code } = await annals(['status', '--json'], system().url);
    expect(JSON.parse(out)).toMatchObject({ demo: false, dataDirectory: system().dataDir, log: { id: expect.any(String) } });
    expect(code).toBe(0);
  });

  it('rebuilds read models to the same digest', async () => {
    await eventually(async () => {
      const { body } = await http.get('/status');
      expect((body['readModels'] as { lag: number }[]).filter(({ lag }) => lag > 0)).toEqual([]);
    }, { withinMs: 60_000 });
    const { out, code } = await annals(['rebuild', '--json'], system().url);
    const rebuilt = JSON.parse(out) as { name: string; isSame: boolean; before: string; after: string }[];
    expect(rebuilt.map(({ name, isSame }) => [name, isSame])).toEqual(expect.arrayContaining(['card', 'timeline', 'records', 'features', 'memberships', 'matching'].map((name) => [name, true])));
    expect(rebuilt.filter(({ isSame }) => !isSame)).toEqual([]);
    for (const { before, after } of rebuilt) expect(after).not.toBe(before);
    expect(code).toBe(0);
  }, 120_000);

  it('trains segments that keep their ids and their members at a second training', async () => {
    const first = JSON.parse((await annals(['segments', 'train', '--json'], system().url)).out) as { segments: { id: string; members: number }[]; model: number };
    const second = JSON.parse((await annals(['segments', 'train', '--json'], system().url)).out) as typeof first;
    expect(first.segments.reduce((sum, { members }) => sum + members, 0)).toBe(ledger.customers);
    expect(second.segments.map(({ id, members }) => [id, members])).toEqual(first.segments.map(({ id, members }) => [id, members]));
    expect(second.model).toBe(first.model + 1);
  }, 120_000);

  it('tells misuse, and a server that is not there, by the exit code', async () => {
    expect((await annals(['import', 'retail'], system().url)).code).toBe(2);
    expect((await annals(['status'], 'http://127.0.0.1:9')).code).toBe(3);
  });
});
