import { randomUUID } from 'node:crypto';

import { below, percentile, type Goal, type Result, type Row } from '../report.js';
import { callers, Sender } from './load.js';
import { customerId, withSystem } from './running.js';
import { seed, type Seed } from './seed.js';

const LONG = 100_000;
const SHORT = 1_000;
const CALLERS = 4;
const RUN_MS = 4_000;
const ROUNDS = 3;
const [LONG_ONE, SHORT_ONE] = [customerId(1), customerId(2)];
const MEDIA = ['voice', 'message', 'email', 'meeting'] as const;
const PLATFORMS = ['pbx', 'sms', 'whatsapp', 'zoom'];
const PURPOSES = ['sales', 'service', 'support', 'marketing'];
const WORDS = ['invoice', 'delivery', 'refund', 'parcel', 'agreement', '发货', '退款', '账单'];
const YEAR_MS = 365 * 86_400_000;
const BEGAN = Date.UTC(2020, 0, 1);

const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T;
/** Spreads numbers over 24 bits without a pattern that a filter could meet. */
const scattered = (n: number): number => Math.imul(n + 1, 2_654_435_761) >>> 8;
/** Spreads numbers over four years. */
const sometime = (n: number): number => BEGAN + Math.floor((scattered(n) / 2 ** 24) * 4 * YEAR_MS);

/** Records of which some are one conversation, at times that lie together. */
const BLOCK = 12;
const ENDLESS_EVERY = 25;
const HOUR_MS = 3_600_000;

/** In which conversation a message is, and when: one chat goes on for four years, others have two to twelve messages, some have one. */
function place(n: number): { readonly at: Date; readonly conversation?: { readonly platform: string; readonly key: string } } {
  const own = new Date(sometime(n));
  if (n % ENDLESS_EVERY === 0) return { at: own, conversation: { platform: 'whatsapp', key: n < LONG ? 'endless' : 'endless too' } };
  const block = Math.floor(n / BLOCK);
  const parts = [1, 2, 3, 6, 0][block % 5] ?? 0;
  if (parts === 0) return { at: own };
  const begun = sometime(block * 7 + (n % parts));
  return { at: new Date(begun + (n % BLOCK) * HOUR_MS * (block % 60)), conversation: { platform: 'sms', key: `${block} ${n % parts}` } };
}

function record(n: number): Seed {
  const customer = n < LONG ? LONG_ONE : SHORT_ONE;
  const mixed = scattered(n);
  if (n % 5 === 4) {
    const at = new Date(sometime(n));
    const parties = [{ customerId: customer, role: 'buyer' as const }];
    const data = { kind: 'invoice' as const, number: String(n), parties, issuedOn: at.toISOString().slice(0, 10), currency: 'GBP', lines: [], totalMinor: 0, related: [] };
    return { stream: `transaction-${randomUUID()}`, at, events: [{ type: 'TransactionRecorded', data }] };
  }
  const { at, conversation } = place(n);
  const text = `${pick(WORDS, mixed)} ${pick(WORDS, mixed >> 4)} ${n}`;
  return {
    stream: `communication-${randomUUID()}`,
    at,
    events: [
      {
        type: 'CommunicationLogged',
        data: {
          medium: pick(MEDIA, mixed),
          platform: pick(PLATFORMS, mixed >> 2),
          direction: mixed % 2 === 0 ? 'inbound' : 'outbound',
          purpose: pick(PURPOSES, mixed >> 6),
          participants: [],
          subjects: [{ ref: { customer }, as: 'party', linkedBy: 'bench', basis: 'person' }],
          startedAt: at.toISOString(),
          ...(conversation !== undefined && { conversation }),
          parts: [{ id: randomUUID(), role: 'body', mediaType: 'text/plain', text, bytes: Buffer.byteLength(text) }],
        },
      },
    ],
  };
}

const FILTERS: Readonly<Record<string, string>> = {
  kind: 'kind=communication',
  medium: 'medium=email',
  platform: 'platform=zoom',
  direction: 'direction=inbound',
  purpose: 'purpose=sales',
  period: 'from=2022-01-05T00:00:00.000Z&to=2022-03-05T00:00:00.000Z',
};
const names = Object.keys(FILTERS);
const PAIRS = names.flatMap((one, index) => names.slice(index + 1).map((other) => `${FILTERS[one]}&${FILTERS[other]}`));
const QUERIES = ['', ...Object.values(FILTERS), ...PAIRS];

/** A page anywhere: the first, or the one after a cursor that an earlier page gave. */
function pages(sender: Sender, base: string, more = ''): (n: number) => Promise<void> {
  const cursors = new Map<string, string | null>();
  return async (n) => {
    const query = pick(QUERIES, n);
    const cursor = cursors.get(query);
    const { body } = await sender.must(200, { url: `${base}?limit=50${more}&${query}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}` });
    cursors.set(query, (JSON.parse(body) as { next: string | null }).next);
  };
}

const searches = (sender: Sender, base: string) => (n: number) =>
  sender.must(200, { method: 'POST', url: `${base}/search`, body: { text: pick(WORDS, n), limit: 50 } });

/** Pages of a timeline of 100,000 entries beside one of 1,000, asked of the service itself. */
export function timeline(): Promise<Result> {
  return withSystem(async (system) => {
    await seed(system, LONG + SHORT, record);
    const sender = new Sender(CALLERS);
    const of = (customer: string) => `${system.serviceUrls['projections']}/customers/${customer}/timeline`;
    const ways: Readonly<Record<string, (n: number) => Promise<unknown>>> = {
      'any page of 100,000': pages(sender, of(LONG_ONE)),
      'any page of 1,000': pages(sender, of(SHORT_ONE)),
      'any page of 100,000, unfolded': pages(sender, of(LONG_ONE), '&threads=open'),
      'text in 100,000': searches(sender, of(LONG_ONE)),
      'text in 1,000': searches(sender, of(SHORT_ONE)),
    };
    const p95 = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [name, one] of Object.entries(ways)) {
        process.stderr.write(`timeline: round ${round} of ${ROUNDS}, ${name}\n`);
        const { latencies } = await callers(CALLERS, RUN_MS, one);
        if (round > 0) p95.get(name)?.push(percentile(latencies, 0.95));
      }
    }
    sender.close();
    return figures(p95);
  });
}

function figures(p95: ReadonlyMap<string, readonly number[]>): Result {
  const rows: Row[] = [...p95].map(([name, runs]) => ({ name: `${name}, p95`, unit: 'ms', runs }));
  const worst = (name: string): number => Math.max(...(p95.get(name) ?? []));
  const goals: Goal[] = [
    below('any page of 100,000, p95 in ms', worst('any page of 100,000'), 10),
    below('any page of 100,000, times one of 1,000', worst('any page of 100,000') / worst('any page of 1,000'), 1.5),
    below('text in 100,000, p95 in ms', worst('text in 100,000'), 50),
  ];
  return { rows, goals };
}
