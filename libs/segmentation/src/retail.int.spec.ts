import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

import { itWhere, retailLedger } from '@annals/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { parse } from 'csv-parse';

import { assignAll } from './assign.js';
import { matchSegments } from './match.js';
import { proposeNames } from './names.js';
import { train, type TrainingInput } from './train.js';
import { trainInWorker } from './worker.js';

/** A line of the ledger that names its customer. Thousandths of a pound, for some prices have three decimals. */
interface Line {
  readonly customer: string;
  readonly invoice: string;
  readonly day: number;
  readonly thousandths: number;
}

const DAY = 86_400_000;
const path = retailLedger();
const it = itWhere(path !== undefined, 'the retail ledger at ANNALS_RETAIL_CSV');

async function readLedger(file: string): Promise<Line[]> {
  const lines: Line[] = [];
  const rows = createReadStream(file).pipe(createGunzip()).pipe(parse({ fromLine: 2 }));
  for await (const [invoice = '', , , quantity, date = '', price, customer] of rows as AsyncIterable<string[]>) {
    if (!customer) continue;
    const day = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
    lines.push({ customer, invoice, day, thousandths: Number(quantity) * Math.round(Number(price) * 1000) });
  }
  return lines;
}

/** Days since the last invoice, invoices and pence of each customer with a line before `end`. */
function trainingAt(ledger: readonly Line[], end: number): TrainingInput {
  const customers = new Map<string, { last: number; invoices: Set<string>; thousandths: number }>();
  for (const { customer, invoice, day, thousandths } of ledger) {
    if (day >= end) continue;
    const seen = customers.get(customer) ?? { last: 0, invoices: new Set(), thousandths: 0 };
    customers.set(customer, seen);
    seen.last = Math.max(seen.last, day);
    seen.invoices.add(invoice);
    seen.thousandths += thousandths;
  }
  const rows = Array.from(customers.values(), ({ last, invoices, thousandths }) => [(end - last) / DAY, invoices.size, Math.round(thousandths / 10)]);
  return { ids: [...customers.keys()], features: Float64Array.from(rows.flat()), featureNames: ['recency', 'frequency', 'monetary'], k: 3, seed: 1, starts: 10 };
}

const words = {
  recency: { high: { en: 'long absent', zh: '久未光顾' }, low: { en: 'recent', zh: '近期光顾' } },
  frequency: { high: { en: 'frequent', zh: '常购' }, low: { en: 'occasional', zh: '偶购' } },
  monetary: { high: { en: 'high-spending', zh: '高消费' }, low: { en: 'low-spending', zh: '低消费' } },
};

describe('segments of the retail ledger', () => {
  let ledger: Line[];
  let year: TrainingInput;

  beforeAll(async () => {
    if (path === undefined) return;
    ledger = await readLedger(path);
    year = trainingAt(ledger, Date.parse('2011-12-10T00:00:00Z'));
  }, 120_000);

  it('start from the customers that the ledger has, 41 of whom gave back more than they bought', () => {
    expect(year.ids.length).toBe(4372);
    expect(year.features.filter((pence, i) => i % 3 === 2 && pence < 0).length).toBe(41);
  });

  it('are the same for the same data and seed, here, in a worker and backwards', async () => {
    const { model, labels } = train(year);
    const rows = year.ids.map((id, row) => ({ id, features: [...year.features.subarray(row * 3, row * 3 + 3)] })).reverse();
    const backwards = { ...year, ids: rows.map(({ id }) => id), features: Float64Array.from(rows.flatMap((row) => row.features)) };
    expect(JSON.stringify(train(backwards).model)).toBe(JSON.stringify(model));
    const inWorker = await trainInWorker({ ...year, features: year.features.slice() }, { timeoutMs: 60_000 });
    expect(JSON.stringify(inWorker.model)).toBe(JSON.stringify(model));
    expect([...assignAll(model, year.features)]).toEqual([...labels]);
  });

  it('are no heap of nearly everyone beside a handful', () => {
    const { model } = train(year);
    expect(model.sizes.reduce((a, b) => a + b)).toBe(4372);
    expect(Math.min(...model.sizes)).toBeGreaterThan(4372 / 10);
    expect(model.silhouette).toBeGreaterThan(0.3);
  });

  it('come out the same from another seed', () => {
    const { model } = train(year);
    expect(train({ ...year, seed: 99 }).model.inertia).toBeCloseTo(model.inertia, 1);
  });

  it('have names of their own', () => {
    expect(proposeNames(train(year).model, words)).toEqual([
      { en: 'Frequent, recent', zh: '常购、近期光顾' },
      { en: 'Average', zh: '一般' },
      { en: 'Long absent, occasional', zh: '久未光顾、偶购' },
    ]);
  });

  it('keep their ids when trained again on more than a month more', () => {
    const before = trainingAt(ledger, Date.parse('2011-11-01T00:00:00Z'));
    const old = train(before);
    const ids = ['a', 'b', 'c'];
    const segmentOf = new Map(before.ids.map((id, row) => [id, ids[old.labels[row] ?? -1]]));
    const { matches, retired } = matchSegments(
      {
        features: old.model.features,
        scaler: old.model.scaler,
        segments: old.model.centroids.map((centroid, i) => ({ id: ids[i] ?? '', centroid })),
        segmentOf: (customer) => segmentOf.get(customer),
      },
      { ...train(year), ids: year.ids },
    );
    expect(matches.map((match) => match?.id).sort()).toEqual(ids);
    expect(retired).toEqual([]);
  });
});
