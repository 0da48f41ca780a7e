import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtServices, startSystem, type System } from '@annals/local';
import { EventStoreDbDouble, eventually, httpClient } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annals, startAnnals } from './fixtures/annals.js';
import { smallLedger } from './fixtures/small-ledger.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const LONG_MS = 300_000;
const INVOICES = 250;
const ledger = smallLedger(INVOICES);

let folder: string;
let file: string;
let double: EventStoreDbDouble;
let system: System;
/** What a system on PostgreSQL made of the same file. */
let onPostgres: Made;
const http = httpClient(() => system.url);

interface Made {
  readonly figures: unknown;
  readonly card: unknown;
  readonly timeline: Readonly<Record<string, unknown>>;
  /** The latest hundred. */
  readonly transactions: unknown;
  /** Name and digest of the read model. */
  readonly features: unknown;
}

interface Segments {
  readonly segments: readonly { readonly members: number }[];
}

const start = (name: string, env: Readonly<Record<string, string>>): Promise<System> =>
  startSystem({ dataDir: join(folder, name), services: builtServices(root), durable: false, env });

/** An event's id comes from its command's, which was another; so does the order of entries of one time. */
const withoutEventIds = (timeline: Made['timeline']): unknown[] =>
  (timeline['items'] as { readonly kind: string; readonly at: string; readonly stream: string }[])
    .map((entry) => (entry.kind === 'customer' ? { ...entry, id: '' } : entry))
    .sort((a, b) => b.at.localeCompare(a.at) || a.stream.localeCompare(b.stream));

async function caughtUp(): Promise<void> {
  await eventually(
    async () => {
      const { body } = await http.get('/status');
      const readModels = body['readModels'] as { name: string; lag: number }[];
      expect(readModels.filter(({ lag }) => lag > 0)).toEqual([]);
    },
    { withinMs: 60_000 },
  );
}

/** Card and timeline of the customer whom the ledger calls 10001. */
async function customer(): Promise<Pick<Made, 'card' | 'timeline'>> {
  const found = await http.get('/customers?reference=retail:10001');
  const [{ id } = { id: '' }] = found.body['items'] as { id: string }[];
  const { body: card } = await http.get(`/customers/${id}`);
  const { body: timeline } = await http.get(`/customers/${id}/timeline?limit=100`);
  return { card, timeline };
}

/** The other read models keep positions or event ids, by which the two logs differ: what they answer is compared. */
async function made(out: string): Promise<Made> {
  await caughtUp();
  const { figures } = JSON.parse(out) as { figures: unknown };
  const { body: transactions } = await http.get('/transactions?limit=100');
  const { body: features } = await http.get('/services/analytics/read-models/features/digest');
  return { figures, ...(await customer()), transactions, features };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-esdb-'));
  file = join(folder, 'ledger.csv');
  await writeFile(file, ledger.text);
  // Ids of records come from the deployment key: with the same one, the same file makes the same records.
  system = await start('on-postgres', {});
  const imported = await annals(['import', 'retail', file, '--json'], system.url);
  onPostgres = await made(imported.out);
  await system.stop({ quickly: true });
  double = await EventStoreDbDouble.start({ maxAppendSize: 6 * 1024 * 1024 });
  system = await start('on-event-store-db', { EVENT_STORE_URL: double.url, DEPLOYMENT_KEY_FILE: join(folder, 'on-postgres', 'deployment.key') });
}, LONG_MS);

afterAll(async () => {
  await system?.stop({ quickly: true });
  double?.stop();
  await rm(folder, { recursive: true, force: true });
}, LONG_MS);

describe('a system whose log is an EventStoreDB', () => {
  it('imports a ledger while connections break and a service dies, and holds what one on PostgreSQL holds', async () => {
    const run = startAnnals(['import', 'retail', file, '--json'], system.url);
    const appended = (count: number): Promise<unknown> => eventually(() => expect(double.log.all.length).toBeGreaterThan(count), { withinMs: 60_000 });
    await appended(20);
    double.proxy.cut();
    await appended(60);
    system.kill('transactions');
    await appended(100);
    double.loseAnswers(3);
    const { out, code } = await run.finished;
    expect(code).toBe(0);
    const { timeline, ...others } = await made(out);
    const { timeline: foreseen, ...othersForeseen } = onPostgres;
    expect(others).toEqual(othersForeseen);
    expect(withoutEventIds(timeline)).toEqual(withoutEventIds(foreseen));
  }, LONG_MS);

  it('creates nothing when the file is imported again', async () => {
    const own = (): unknown[] => double.log.all.filter(({ stream }) => !stream.startsWith('$'));
    const before = own().length;
    const { out, code } = await annals(['import', 'retail', file], system.url);
    expect([out, code]).toEqual([expect.stringContaining('Nothing was created.'), 0]);
    expect(own()).toHaveLength(before);
  }, LONG_MS);

  it('rebuilds read models to the same digest, and trains segments of all customers', async () => {
    const rebuilt = JSON.parse((await annals(['rebuild', '--json'], system.url)).out) as { name: string; isSame: boolean }[];
    expect(rebuilt.map(({ isSame }) => isSame)).toEqual(rebuilt.map(() => true));
    const { segments } = JSON.parse((await annals(['segments', 'train', '--json'], system.url)).out) as Segments;
    expect(segments.reduce((sum, { members }) => sum + members, 0)).toBe(ledger.customers);
  }, LONG_MS);

  it('says that the log is away while it is, refuses commands, and goes on by itself', async () => {
    double.proxy.away();
    const url = system.serviceUrls['customers'] ?? '';
    await eventually(async () => {
      const ready = await fetch(`${url}/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([503, expect.objectContaining({ code: 'not-ready', dependencies: expect.objectContaining({ 'event-store': expect.any(String), 'key-store': 'ready' }) })]);
    }, { withinMs: 60_000 });
    const refused = await http.post('/customers', { kind: 'person', name: { full: 'Zoë' } });
    expect(refused.status).toBe(503);
    await double.proxy.back();
    const accepted = await eventually(async () => {
      const answer = await http.post('/customers', { kind: 'person', name: { full: 'Zoë' } });
      expect(answer.status).toBe(201);
      return answer;
    }, { withinMs: 60_000 });
    const { stream, revision } = accepted.body as { stream: string; revision: number };
    const id = stream.replace('customer-', '');
    await eventually(async () => expect((await http.get(`/customers/${id}?waitFor=${stream}@${revision}`)).status).toBe(200), { withinMs: 60_000 });
  }, LONG_MS);
});
