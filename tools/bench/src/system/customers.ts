import { randomUUID } from 'node:crypto';

import { below, median, percentile, type Result, type Row } from '../report.js';
import { callers, Sender, type Call } from './load.js';
import { customerId, residentMb, withSystem } from './running.js';
import { seed, type Seed } from './seed.js';

const CUSTOMERS = 1_000_000;
const DEALINGS = 200_000;
const STAFF = 400;
const BEGAN = Date.UTC(2020, 0, 1);
const CALLERS = 4;
const RUN_MS = 2_000;
const ROUNDS = 3;
const GIVEN = ['Ada', 'Bo', 'Chen', 'Dana', 'Eva', 'Finn', 'Gus', 'Hana', '小明', '丽'];
const FAMILY = ['Smith', 'Jones', 'Novak', 'Garcia', 'Kim', 'Okafor', 'Silva', 'Larsen', '王', '李'];
const COUNTRIES = ['GB', 'CN', 'DE', 'FR', 'US'];

const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T;
const scattered = (n: number): number => Math.imul(n + 1, 2_654_435_761) >>> 8;

const departmentOf = (n: number): string => `region-${n % 4}/team-${n % 40}`;

/** One of fifty shares a number with the one before, one of a hundred has a switchboard's: there are 20,000 pairs, and 400 numbers that 25 have. */
function reachedBy(n: number): { id: string; kind: string; raw: string; normalised: string }[] {
  const number = n % 100 === 7 ? `+4420${String(n % 40_000).padStart(8, '0')}` : n % 50 < 2 ? `+4430${String(Math.floor(n / 50)).padStart(8, '0')}` : undefined;
  return number === undefined ? [] : [{ id: customerId(n), kind: 'phone', raw: number, normalised: number }];
}

/** Registered by one of forty teams; of ten, three have the common tag, one of a hundred the rare one, and half are assigned to one of the staff. */
function customer(n: number): Seed {
  const mixed = scattered(n);
  const department = departmentOf(n);
  const full = `${pick(GIVEN, mixed)} ${pick(FAMILY, mixed >> 5)}${(mixed % 50_021).toString(36)}`;
  const data = { kind: 'person' as const, name: { full }, contactPoints: reachedBy(n), reference: { system: 'bench', id: String(n) }, country: pick(COUNTRIES, mixed >> 9) };
  const tags = [...(mixed % 10 < 3 ? ['newsletter'] : []), ...(n % 100 === 0 ? ['vip'] : [])];
  return {
    stream: `customer-${customerId(n)}`,
    at: new Date(BEGAN + mixed * 7_000),
    department,
    events: [
      { type: 'CustomerRegistered', data },
      ...tags.map((tag) => ({ type: 'CustomerTagged' as const, data: { tag } })),
      ...(n % 2 === 0 ? [{ type: 'CustomerAssigned' as const, data: { role: 'owner', staffId: `staff-${mixed % STAFF}`, department } }] : []),
    ],
  };
}

/** An invoice of a customer, or a call. */
function dealing(n: number): Seed {
  const of = scattered(n) % CUSTOMERS;
  const at = new Date(BEGAN + scattered(n + 7) * 9_000);
  const department = departmentOf(of);
  if (n % 2 === 0) {
    const parties = [{ customerId: customerId(of), role: 'buyer' as const }];
    const data = { kind: 'invoice' as const, number: String(n), parties, issuedOn: at.toISOString().slice(0, 10), currency: 'GBP', lines: [], totalMinor: scattered(n) % 1_000_000, related: [] };
    return { stream: `transaction-${randomUUID()}`, at, department, events: [{ type: 'TransactionRecorded', data }] };
  }
  const subject = { ref: { customer: customerId(of) }, as: 'party' as const, linkedBy: 'bench', basis: 'person' as const };
  const data = { medium: 'voice' as const, direction: 'inbound' as const, purpose: 'service', participants: [], subjects: [subject], startedAt: at.toISOString(), parts: [] };
  return { stream: `communication-${randomUUID()}`, at, department, events: [{ type: 'CommunicationLogged', data }] };
}

const record = (n: number): Seed => (n < CUSTOMERS ? customer(n) : dealing(n));

const list = (query: string) => (base: string): Call => ({ url: `${base}/customers?limit=50&${query}` });

const QUERIES: Readonly<Record<string, (base: string, n: number) => Call>> = {
  'search by name': (base, n) => ({ method: 'POST', url: `${base}/customers/search`, body: { name: `${pick(FAMILY, n)}${(n % 300).toString(36)}`, limit: 50 } }),
  'search by contact point': (base, n) => ({ method: 'POST', url: `${base}/customers/search`, body: { contactPoint: { kind: 'phone', value: `+4420${String((n * 100 + 7) % 40_000).padStart(8, '0')}` }, limit: 50 } }),
  'by reference': (base, n) => ({ url: `${base}/customers?reference=bench:${scattered(n) % CUSTOMERS}` }),
  'all, by name': list(''),
  'of a country, by name': (base, n) => list(`country=${pick(COUNTRIES, n)}`)(base),
  'of a department, by name': (base, n) => list(`department=region-${n % 4}`)(base),
  'of a team, latest contact': (base, n) => list(`department=${departmentOf(n)}&sort=last-contact`)(base),
  'of a common tag, by name': list('tag=newsletter'),
  'of a rare tag, by name': list('tag=vip'),
  'of one of the staff, by name': (base, n) => list(`assignee=staff-${n % STAFF}`)(base),
  'of one of the staff, latest contact': (base, n) => list(`assignee=staff-${n % STAFF}&sort=last-contact`)(base),
  'of a tag and a country, latest registered': (base, n) => list(`tag=vip&country=${pick(COUNTRIES, n)}&sort=registered`)(base),
  'last contact in a month, by name': list('lastContactAfter=2022-03-01T00:00:00Z&lastContactBefore=2022-04-01T00:00:00Z'),
  'no contact since a day, latest first': list('lastContactBefore=2021-03-01T00:00:00Z&sort=last-contact'),
  'billed between, most first': list('currency=GBP&billedFrom=500000&billedTo=600000&sort=billed'),
  'billed between, by name': list('currency=GBP&billedFrom=500000&billedTo=600000'),
  'latest registered': list('sort=registered'),
  'of a country, latest registered': (base, n) => list(`sort=registered&country=${pick(COUNTRIES, n)}`)(base),
  'of a country, counted': (base, n) => list(`count=true&country=${pick(COUNTRIES, n)}`)(base),
  'possible duplicates': (base) => ({ url: `${base}/customers/duplicates?limit=50` }),
  'possible duplicates of a department': (base, n) => ({ url: `${base}/customers/duplicates?limit=50&department=${departmentOf(n)}` }),
};

/** Search and lists over a million customers, asked of the service itself. */
export function customers(): Promise<Result> {
  return withSystem(async (system) => {
    const memory = async (): Promise<number> => (await residentMb(system.pids()))['projections'] ?? Number.NaN;
    const idle = await memory();
    await seed(system, CUSTOMERS + DEALINGS, record);
    const built = await memory();
    const sender = new Sender(CALLERS);
    const base = system.serviceUrls['projections'] ?? '';
    const p95 = new Map<string, number[]>(Object.keys(QUERIES).map((name) => [name, []]));
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [name, call] of Object.entries(QUERIES)) {
        process.stderr.write(`customers: round ${round} of ${ROUNDS}, ${name}\n`);
        const { latencies } = await callers(CALLERS, RUN_MS, (n) => sender.must(200, call(base, n)));
        if (round > 0) p95.get(name)?.push(percentile(latencies, 0.95));
      }
    }
    sender.close();
    const rows: Row[] = [...p95].map(([name, runs]) => ({ name: `${name}, p95`, unit: 'ms', runs }));
    return {
      rows: [
        ...rows,
        { name: 'peak memory of projections, idle', unit: 'MB', runs: [idle] },
        { name: 'peak memory of projections, a million built', unit: 'MB', runs: [built] },
        { name: 'peak memory of projections, after the queries', unit: 'MB', runs: [await memory()] },
      ],
      goals: [...p95].map(([name, runs]) => below(`${name}, p95 in ms`, median(runs), 50)),
    };
  });
}
