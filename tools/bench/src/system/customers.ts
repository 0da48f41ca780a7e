import { below, median, percentile, type Result, type Row } from '../report.js';
import { callers, Sender, type Call } from './load.js';
import { customerId, residentMb, withSystem } from './running.js';
import { seed, type Seed } from './seed.js';

const CUSTOMERS = 1_000_000;
const CALLERS = 4;
const RUN_MS = 4_000;
const ROUNDS = 3;
const GIVEN = ['Ada', 'Bo', 'Chen', 'Dana', 'Eva', 'Finn', 'Gus', 'Hana', '小明', '丽'];
const FAMILY = ['Smith', 'Jones', 'Novak', 'Garcia', 'Kim', 'Okafor', 'Silva', 'Larsen', '王', '李'];
const COUNTRIES = ['GB', 'CN', 'DE', 'FR', 'US'];

const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T;
const scattered = (n: number): number => Math.imul(n + 1, 2_654_435_761) >>> 8;

/** One of fifty shares a number with the one before, one of a hundred has a switchboard's: there are 20,000 pairs, and 400 numbers that 25 have. */
function reachedBy(n: number): { id: string; kind: string; raw: string; normalised: string }[] {
  const number = n % 100 === 7 ? `+4420${String(n % 40_000).padStart(8, '0')}` : n % 50 < 2 ? `+4430${String(Math.floor(n / 50)).padStart(8, '0')}` : undefined;
  return number === undefined ? [] : [{ id: customerId(n), kind: 'phone', raw: number, normalised: number }];
}

function record(n: number): Seed {
  const mixed = scattered(n);
  const full = `${pick(GIVEN, mixed)} ${pick(FAMILY, mixed >> 5)}${(mixed % 50_021).toString(36)}`;
  return {
    stream: `customer-${customerId(n)}`,
    at: new Date(Date.UTC(2020, 0, 1) + mixed * 7_000),
    event: {
      type: 'CustomerRegistered',
      data: { kind: 'person', name: { full }, contactPoints: reachedBy(n), reference: { system: 'bench', id: String(n) }, country: pick(COUNTRIES, mixed >> 9) },
    },
  };
}

const QUERIES: Readonly<Record<string, (base: string, n: number) => Call>> = {
  'search by name': (base, n) => ({ method: 'POST', url: `${base}/customers/search`, body: { name: `${pick(FAMILY, n)}${(n % 300).toString(36)}`, limit: 50 } }),
  'by reference': (base, n) => ({ url: `${base}/customers?reference=bench:${scattered(n) % CUSTOMERS}` }),
  'of a country, by name': (base, n) => ({ url: `${base}/customers?country=${pick(COUNTRIES, n)}&limit=50` }),
  'possible duplicates': (base) => ({ url: `${base}/customers/duplicates?limit=50` }),
  'possible duplicates of a department': (base) => ({ url: `${base}/customers/duplicates?limit=50&department=default` }),
  'latest registered': (base) => ({ url: `${base}/customers?sort=registered&limit=50` }),
  'of a country, latest registered': (base, n) => ({ url: `${base}/customers?sort=registered&country=${pick(COUNTRIES, n)}&limit=50` }),
};

/** Search and lists over a million customers, asked of the service itself. */
export function customers(): Promise<Result> {
  return withSystem(async (system) => {
    const memory = async (): Promise<number> => (await residentMb(system.pids()))['projections'] ?? Number.NaN;
    const idle = await memory();
    await seed(system, CUSTOMERS, record);
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
