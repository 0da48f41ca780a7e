import { goods, priceIn, type Good } from './goods.js';
import type { Person } from './people.js';
import type { Random } from './random.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What a purchase adds up to, in minor units. */
interface Sum {
  readonly lines: readonly { sku: string; description: string; quantity: string; unitPrice: string; amountMinor: number }[];
  readonly charges: readonly { code: string; amountMinor: number }[];
  readonly totalMinor: number;
}

/** Something ordered, billed and mostly paid. */
export interface Purchase extends Sum {
  readonly number: string;
  readonly at: number;
  readonly good: Good;
}

/** One record of a purchase's course. */
export interface Record extends Sum {
  readonly kind: 'order' | 'invoice' | 'payment' | 'credit-note' | 'refund';
  readonly number: string;
  readonly at: number;
}

const inUnits = (minor: number): string => `${minor < 0 ? '-' : ''}${(Math.abs(minor) / 100).toFixed(2)}`;

const once = (description: string, amountMinor: number): Sum => ({
  lines: [{ sku: 'SUM', description, quantity: '1', unitPrice: inUnits(amountMinor), amountMinor }],
  charges: [],
  totalMinor: amountMinor,
});

function basket(random: Random, { market, appetite, language }: Person): Sum & { good: Good } {
  const chosen = [...new Set(Array.from({ length: random.whole(1, 2 + appetite * 2) }, () => random.pick(goods)))];
  const lines = chosen.map((good) => {
    const price = priceIn(good, market.currency);
    const quantity = random.whole(1, appetite === 2 ? 12 : 3);
    return { sku: good.sku, description: good.name[language], quantity: String(quantity), unitPrice: inUnits(price), amountMinor: price * quantity };
  });
  const ofGoods = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const charges = ofGoods < 5_000 ? [{ code: 'postage', amountMinor: 450 }] : [];
  return { lines, charges, totalMinor: ofGoods + (charges[0]?.amountMinor ?? 0), good: chosen[0] ?? goods[0] };
}

/** What a customer buys between two moments, in order of time. */
export function purchasesOf(random: Random, person: Person, { from, to }: { readonly from: number; readonly to: number }): Purchase[] {
  const many = [random.whole(1, 3), random.whole(4, 9), random.whole(10, 20)][person.appetite] ?? 1;
  const times = Array.from({ length: many }, () => from + Math.floor(random.next() * (to - from)));
  return times
    .sort((one, other) => one - other)
    .map((at, index) => ({ number: `${person.number}-${String(index + 1).padStart(2, '0')}`, at, ...basket(random, person) }));
}

/** What is recorded of a purchase: ordered, billed, mostly paid, sometimes given back. */
export function recordsOf(random: Random, { number, at, lines, charges, totalMinor, good }: Purchase): Record[] {
  const records: Record[] = [
    { kind: 'order', number: `ORD-${number}`, at, lines, charges, totalMinor },
    { kind: 'invoice', number: `INV-${number}`, at: at + random.whole(1, 30) * HOUR_MS, lines, charges, totalMinor },
  ];
  if (random.percent(92)) {
    records.push({ kind: 'payment', number: `PAY-${number}`, at: at + random.whole(2, 20) * DAY_MS, ...once(`INV-${number}`, totalMinor) });
  }
  const returned = lines[0];
  if (returned !== undefined && random.percent(8)) {
    const { amountMinor } = returned;
    const given = at + random.whole(21, 35) * DAY_MS;
    records.push({ kind: 'credit-note', number: `CRE-${number}`, at: given, ...once(good.name.en, -amountMinor) });
    records.push({ kind: 'refund', number: `REF-${number}`, at: given + DAY_MS, ...once(`CRE-${number}`, amountMinor) });
  }
  return records;
}
