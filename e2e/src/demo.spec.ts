import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDemonstration } from '@annals/local';
import { eventually } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annals, runAnnals, startAnnals, type Finished } from './fixtures/annals.js';
import { systemForTests } from './fixtures/running-system.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const longMs = 180_000;
const everything = { customers: 200, communications: expect.any(Number), transactions: expect.any(Number) };

interface Seeded {
  readonly communications: number;
  readonly transactions: number;
  readonly unchanged: number;
}

const seededOf = ({ out }: Finished): Seeded => JSON.parse(out) as Seeded;

async function askJson(url: string, token?: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  return (await response.json()) as Record<string, unknown>;
}

async function countsIn(url: string, token?: string): Promise<unknown[]> {
  const counts = (service: string): Promise<Record<string, unknown>> => askJson(`${url}/services/${service}/sources/demo/counts`, token);
  const [customers, communications, transactions] = await Promise.all([counts('customers'), counts('communications'), counts('transactions')]);
  return [customers?.['customers'], communications?.['communications'], (transactions?.['transactions'] as { count?: number } | undefined)?.count];
}

describe('annals demo', () => {
  const system = systemForTests({ durable: false });
  const position = async (): Promise<number> => Number((await askJson(`${system().url}/services/customers/log`))['position']);

  it('fills an empty log with customers, what they said and bought, and segments, also where it is killed half-way and goes on', async () => {
    const run = startAnnals(['demo'], system().url);
    await eventually(async () => (await position()) > 0, { withinMs: 60_000 });
    run.process.kill('SIGKILL');
    expect((await run.finished).code).toBeNull();
    const before = await position();
    expect(before).toBeLessThan(6_000);
    const rest = await annals(['demo', '--resume', '--json'], system().url);
    expect([rest.code, rest.err]).toEqual([0, expect.stringMatching(/^Making the demonstration/)]);
    const seeded = seededOf(rest);
    expect(seeded).toMatchObject(everything);
    expect(seeded.unchanged).toBeGreaterThan(0);
    expect(await countsIn(system().url)).toEqual([200, seeded.communications, seeded.transactions]);
    expect((await askJson(`${system().url}/segments`))['segments']).toHaveLength(4);
  }, longMs);

  it('refuses a log that is not empty, in a sentence, and leaves it as it is', async () => {
    const counts = await countsIn(system().url);
    const { code, out, err } = await annals(['demo'], system().url);
    expect([code, out, err]).toEqual([1, '', expect.stringMatching(/^The log is not empty: it goes to position [\d,]+\. .*--resume .*\.\n$/)]);
    expect(await countsIn(system().url)).toEqual(counts);
  }, longMs);

  it('creates nothing where it goes on with what is whole', async () => {
    const counts = await countsIn(system().url);
    const { code, out } = await annals(['demo', '--resume'], system().url);
    expect([code, out]).toEqual([0, expect.stringMatching(/\n0 created, [\d,]+ were there already\. Nothing was created\.\n$/)]);
    expect(await countsIn(system().url)).toEqual(counts);
  }, longMs);
});

describe('annals demo, beside a record that is somebody\'s own', () => {
  const system = systemForTests({ durable: false, tokens: true });
  let folder: string;
  let tokenFile: string;
  let token: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'annals-demo-'));
    token = (await runAnnals(['token', '--subject', 'staff-7', '--role', 'admin', '--department', '*', '--data-dir', system().dataDir])).out.trim();
    tokenFile = join(folder, 'admin.token');
    await writeFile(tokenFile, token, { mode: 0o600 });
  }, longMs);
  afterAll(() => rm(folder, { recursive: true }));

  it('is refused, with --resume too, and changes nothing', async () => {
    const body = JSON.stringify({ kind: 'person', name: { full: 'Zoë' }, meta: { department: 'emea' } });
    const made = await fetch(`${system().url}/customers`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body });
    expect(made.status).toBe(201);
    for (const more of [[], ['--resume']]) {
      const { code, out, err } = await annals(['demo', ...more, '--token-file', tokenFile], system().url);
      expect([code, out, err]).toEqual([1, '', expect.stringMatching(/^The log is not empty: it goes to position \d+\b.*\.\n$/)]);
    }
    expect(await countsIn(system().url, token)).toEqual([0, 0, 0]);
  }, longMs);

  it('is refused to who has no token, in a sentence', async () => {
    expect(await annals(['demo'], system().url)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^\/status: .*\n$/) });
  }, longMs);
});

describe('the demonstration of npm start', () => {
  const system = systemForTests({ durable: false, tokens: true, demo: true });
  const lines: string[] = [];
  const making = { root, report: (line: string) => void lines.push(line) };

  it('is made with tokens too, goes on at the next start where it was interrupted, and is made once', async () => {
    const interrupt = new AbortController();
    const interrupted = makeDemonstration(system(), { ...making, signal: interrupt.signal });
    await eventually(() => lines.some((line) => line.startsWith('Making the demonstration')), { withinMs: 60_000 });
    interrupt.abort();
    await expect(interrupted).rejects.toThrow(/abort/i);
    expect(await makeDemonstration(system(), making)).toBe(true);
    expect(lines).toContainEqual(expect.stringMatching(/^The demonstration holds 200 customers, /));
    const said = lines.length;
    expect(await makeDemonstration(system(), making)).toBe(false);
    expect(lines).toHaveLength(said);
  }, longMs);
});
