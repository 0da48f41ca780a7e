import { randomUUID } from 'node:crypto';

import { percentile, type Result } from '../report.js';
import { callers, Sender } from './load.js';
import { customerId, withSystem } from './running.js';
import { seed, type Seed } from './seed.js';

const CUSTOMERS = 5_000;
const RECORDS = 100_000;
const CALLERS = 4;
const RUN_MS = 3_000;
const ROUNDS = 3;
const DAYS = 366;
const DAY_MS = 86_400_000;
const BEGAN = Date.UTC(2024, 0, 1);
const MEDIA = ['voice', 'message', 'email', 'meeting'] as const;
const PURPOSES = ['sales', 'service', 'support', 'marketing'];
const COUNTRIES = ['GB', 'CN', 'DE', 'FR', 'US'];
const RINGING_MS = 9_000;
/** Of how many messages a conversation is. */
const THREAD = 6;

const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T;
/** Spreads numbers over 24 bits without a pattern that a filter could meet. */
const scattered = (n: number): number => Math.imul(n + 1, 2_654_435_761) >>> 8;
/** Spreads numbers over the year. */
const sometime = (n: number): number => BEGAN + Math.floor((scattered(n) / 2 ** 24) * DAYS * DAY_MS);

function customer(n: number): Seed {
  const data = { kind: 'person' as const, name: { full: `Customer ${n}` }, contactPoints: [], country: pick(COUNTRIES, n) };
  return { stream: `customer-${customerId(n)}`, at: new Date(BEGAN), events: [{ type: 'CustomerRegistered', data }] };
}

function transaction(n: number): Seed {
  const at = new Date(sometime(n));
  const data = {
    kind: n % 10 === 4 ? ('order' as const) : ('invoice' as const),
    number: String(n),
    parties: [{ customerId: customerId(scattered(n) % CUSTOMERS), role: 'buyer' as const }],
    issuedOn: at.toISOString().slice(0, 10),
    currency: n % 3 === 0 ? 'GBP' : 'EUR',
    lines: [],
    totalMinor: scattered(n) % 100_000,
    related: [],
  };
  return { stream: `transaction-${randomUUID()}`, at, events: [{ type: 'TransactionRecorded', data }] };
}

/** Calls of which two of three are answered, and conversations whose messages lie hours apart; one of twenty concerns nobody known. */
function communication(n: number): Seed {
  const mixed = scattered(n);
  const thread = Math.floor(n / THREAD);
  const medium = pick(MEDIA, scattered(thread));
  const isCall = medium === 'voice';
  const at = new Date(isCall ? sometime(n) : sometime(thread) + (n % THREAD) * 7_200_000);
  const text = `message ${n}`;
  const known = { ref: { customer: customerId(scattered(thread) % CUSTOMERS) }, as: 'party' as const, linkedBy: 'bench', basis: 'person' as const };
  const course = mixed % 3 === 0 ? { disposition: 'missed' } : { answeredAt: new Date(at.getTime() + (mixed % RINGING_MS)).toISOString() };
  return {
    stream: `communication-${randomUUID()}`,
    at,
    events: [
      {
        type: 'CommunicationLogged',
        data: {
          medium,
          direction: mixed % 2 === 0 ? 'inbound' : 'outbound',
          purpose: pick(PURPOSES, mixed >> 6),
          participants: [],
          subjects: n % 20 === 0 ? [] : [known],
          startedAt: at.toISOString(),
          ...(isCall ? course : { conversation: { platform: 'bench', key: String(thread) } }),
          parts: [{ id: randomUUID(), role: 'body', mediaType: 'text/plain', text, bytes: Buffer.byteLength(text) }],
        },
      },
    ],
  };
}

function record(n: number): Seed {
  if (n < CUSTOMERS) return customer(n);
  return n % 5 === 4 ? transaction(n) : communication(n);
}

const MONTH = 'from=2024-05-01&to=2024-05-31';
const YEAR = 'from=2024-01-01&to=2024-12-31';

const PATHS: Readonly<Record<string, (n: number) => string>> = {
  'communications': () => '/communications',
  'communications of a medium and a purpose': (n) => `/communications?medium=${pick(MEDIA, n)}&purpose=${pick(PURPOSES, n >> 2)}`,
  'communications of a customer': (n) => `/communications?customer=${customerId(scattered(n) % CUSTOMERS)}`,
  'communications of a country': (n) => `/communications?country=${pick(COUNTRIES, n)}`,
  'communications that wait for an answer': () => '/communications?response=open',
  'communications, counted': () => '/communications?count=true',
  'transactions': () => '/transactions',
  'transactions of a kind and a currency': (n) => `/transactions?kind=${n % 2 === 0 ? 'order' : 'invoice'}&currency=GBP`,
  'transactions of a customer': (n) => `/transactions?customer=${customerId(scattered(n) % CUSTOMERS)}`,
  'transactions of a country': (n) => `/transactions?country=${pick(COUNTRIES, n)}`,
  'transactions, by total': () => '/transactions?sort=total&currency=GBP',
  'report of a month': () => `/reports/operations?${MONTH}`,
  'report of a month by day': () => `/reports/operations?${MONTH}&by=day`,
  'report of a year': () => `/reports/operations?${YEAR}`,
  'report of a year by department': () => `/reports/operations?${YEAR}&by=department`,
};

/** Lists of all records and the operations report over a year, asked of the service itself. */
export function records(): Promise<Result> {
  return withSystem(async (system) => {
    await seed(system, CUSTOMERS + RECORDS, record);
    const sender = new Sender(CALLERS);
    const base = system.serviceUrls['projections'] ?? '';
    const p95 = new Map<string, number[]>(Object.keys(PATHS).map((name) => [name, []]));
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [name, path] of Object.entries(PATHS)) {
        process.stderr.write(`records: round ${round} of ${ROUNDS}, ${name}\n`);
        const { latencies } = await callers(CALLERS, RUN_MS, (n) => sender.must(200, { url: base + path(n) }));
        if (round > 0) p95.get(name)?.push(percentile(latencies, 0.95));
      }
    }
    sender.close();
    return { rows: [...p95].map(([name, runs]) => ({ name: `${name}, p95`, unit: 'ms', runs })), goals: [] };
  });
}
