import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { SegmentationError } from './errors.js';
import { hashText } from './random.js';
import { LIMITS, train, type TrainingInput } from './train.js';

type Row = readonly [id: string, ...features: number[]];

function input(rows: readonly Row[], more: Partial<TrainingInput> = {}): TrainingInput {
  const columns = (rows[0]?.length ?? 1) - 1;
  return {
    ids: rows.map(([id]) => id),
    features: Float64Array.from(rows.flatMap(([, ...features]) => features)),
    featureNames: ['recency', 'frequency', 'monetary'].slice(0, columns),
    k: 2,
    seed: 1,
    starts: 5,
    ...more,
  };
}

const value = fc.integer({ min: -100_000, max: 100_000 });
const rowsOf = (minLength: number) =>
  fc.uniqueArray(fc.tuple(fc.uuid(), value, value, value), { selector: ([id]) => id, minLength, maxLength: 40 });
/** Three kinds of customers, far apart, and where each belongs. */
const kinds: Row[] = Array.from({ length: 60 }, (_, i) => {
  const scale = [1, 100, 10_000][i % 3] ?? 0;
  return [`c${String(i).padStart(2, '0')}`, scale + (i % 5), 3 * scale + (i % 7)];
});

function code(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SegmentationError) return `${error.code}: ${error.detail}`;
    throw error;
  }
  return 'accepted';
}

describe('a training', () => {
  it('gives the same model, bit for bit, in whatever order the rows come', () => {
    const shuffled = rowsOf(3).chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })));
    fc.assert(
      fc.property(shuffled, fc.nat(), ([rows, others], seed) => {
        const one = train(input(rows, { seed }));
        const other = train(input(others, { seed }));
        expect(JSON.stringify(other.model)).toBe(JSON.stringify(one.model));
        const labels = new Map(rows.map(([id], row) => [id, one.labels[row]]));
        expect(others.map(([id], row) => [id, other.labels[row]])).toEqual(others.map(([id]) => [id, labels.get(id)]));
      }),
    );
  });

  it('is plain JSON and loses nothing by it', () => {
    fc.assert(
      fc.property(rowsOf(2), (rows) => {
        const { model } = train(input(rows));
        expect(JSON.parse(JSON.stringify(model))).toStrictEqual(model);
      }),
    );
  });

  it('finds kinds of customers that are there, and counts and measures everyone', () => {
    const { model, labels } = train(input(kinds, { k: 3 }));
    expect(model.sizes).toEqual([20, 20, 20]);
    expect([...labels]).toEqual(kinds.map((_, i) => i % 3));
    expect(model).toMatchObject({ features: ['recency', 'frequency'], k: 3, seed: 1, starts: 5, trainedOn: 60 });
    expect(model.silhouette).toBeGreaterThan(0.8);
  });

  it('divides in the same way when every amount is multiplied', () => {
    // In the signed logarithm a factor on 1 + x is a shift, which the z-score takes away.
    const multiplied = kinds.map(([id, ...features]): Row => [id, ...features.map((x) => 17 * (1 + x) - 1)]);
    const one = train(input(kinds, { k: 3 }));
    const other = train(input(multiplied, { k: 3 }));
    expect([...other.labels]).toEqual([...one.labels]);
    expect(other.model.inertia).toBeCloseTo(one.model.inertia, 9);
  });

  it('divides in the same way when every customer is there twice', () => {
    const twice = kinds.flatMap(([id, ...features]): Row[] => [[`${id}-1`, ...features], [`${id}-2`, ...features]]);
    const one = train(input(kinds, { k: 3 }));
    const other = train(input(twice, { k: 3 }));
    expect(other.model.sizes).toEqual(one.model.sizes.map((size) => 2 * size));
    expect(other.model.inertia).toBeCloseTo(2 * one.model.inertia, 9);
    other.model.centroids.forEach((centroid, segment) => {
      centroid.forEach((x, column) => {
        expect(x).toBeCloseTo(one.model.centroids[segment]?.[column] ?? Number.NaN, 9);
      });
    });
  });

  it('leaves its input as it was', () => {
    const given = input(kinds);
    const before = [...given.features];
    train(given);
    expect([...given.features]).toEqual(before);
  });

  it('puts everyone in the one segment of k = 1', () => {
    const { model, labels } = train(input(kinds, { k: 1 }));
    expect(model.sizes).toEqual([60]);
    expect(model.silhouette).toBe(0);
    expect(model.centroids[0]?.every((x) => Math.abs(x) < 1e-12)).toBe(true);
    expect(new Set(labels)).toEqual(new Set([0]));
  });

  it('takes equal customers as one segment, and no more', () => {
    const equal = ['a', 'b', 'c'].map((id): Row => [id, 5, 5]);
    expect(train(input(equal, { k: 1 })).model).toMatchObject({ sizes: [3], inertia: 0, centroids: [[0, 0]] });
    expect(code(() => train(input(equal)))).toBe('rows-too-alike: 2 segments need at least 2 different rows; all rows are equal.');
  });

  it('fills exactly as many segments as there are different customers', () => {
    const few = [1, 1, 50, 50, 900].map((x, i): Row => [`c${i}`, x]);
    expect(train(input(few, { k: 3 })).model).toMatchObject({ sizes: [2, 2, 1], inertia: 0, silhouette: 1 });
    expect(code(() => train(input(few, { k: 4 })))).toContain('there are only 3 different ones');
  });

  it('is not moved by a feature that is the same for all', () => {
    const one = train(input(kinds, { k: 3 }));
    const other = train(input(kinds.map((row): Row => [...row, 0.1]), { k: 3 }));
    expect(other.labels).toEqual(one.labels);
    expect(other.model.inertia).toBe(one.model.inertia);
    expect(other.model.centroids.map((centroid) => centroid[2])).toEqual([0, 0, 0]);
  });

  it('bears the largest numbers', () => {
    const huge = [1e300, 1.1e300, -1e300, -1.1e300, 0, 1].map((x, i): Row => [`c${i}`, x, i]);
    const { model, labels } = train(input(huge, { k: 3 }));
    expect([...model.centroids.flat(), model.inertia, model.silhouette].every(Number.isFinite)).toBe(true);
    expect([...labels]).toEqual([2, 2, 0, 0, 1, 1]);
  });

  it('refuses a number that is none, naming row and feature', () => {
    expect(code(() => train(input([['a', 1, 2], ['b', 3, Number.NaN]])))).toBe('value-not-finite: Feature frequency of row b is NaN.');
  });

  it.each<[string, Partial<TrainingInput>, string]>([
    ['k = 0', { k: 0 }, 'input-invalid: k must be an integer from 1 to 50, not 0.'],
    ['k = 1.5', { k: 1.5 }, 'input-invalid: k must be'],
    ['a negative seed', { seed: -1 }, 'input-invalid: seed must be'],
    ['too many starts', { starts: 101 }, 'input-invalid: starts must be'],
    ['no features', { featureNames: [] }, 'input-invalid: The number of features'],
    ['a name twice', { featureNames: ['recency', 'recency'] }, 'input-invalid: Two features have the same name.'],
    ['values that do not fit', { features: new Float64Array(119) }, 'input-invalid: 60 ids and 2 features need 120 values; there are 119.'],
    ['an id twice', { ids: kinds.map(([id], i) => (i === 7 ? 'c41' : id)) }, 'input-invalid: Two rows have the id c41.'],
    ['no rows', { ids: [], features: new Float64Array(0) }, 'rows-too-few: 2 segments need at least 2 rows; there are 0.'],
  ])('refuses %s', (_, wrong, refusal) => {
    expect(code(() => train(input(kinds, wrong)))).toContain(refusal);
  });

  it('finds centroids on at most 100,000 rows, chosen by their ids alone, and assigns everyone', () => {
    const rows = LIMITS.trainingRows + 5000;
    const ids = Array.from({ length: rows }, (_, i) => `c${String(i).padStart(6, '0')}`);
    // The rows of the highest hashes are a kind of their own, which the training must not see.
    const hashed = ids.map((id) => ({ id, hash: hashText(id) })).sort((a, b) => a.hash - b.hash);
    const left = new Set(hashed.slice(LIMITS.trainingRows).map(({ id }) => id));
    const given = { ids, featureNames: ['x'], k: 2, seed: 1, starts: 1 };
    const features = Float64Array.from(ids, (id, i) => (left.has(id) ? 1e9 : i % 2 === 0 ? 1 : 100));
    const { model, labels } = train({ ...given, features });
    expect(model.trainedOn).toBe(LIMITS.trainingRows);
    expect(model.sizes.reduce((a, b) => a + b)).toBe(rows);
    const scaled = [1, 100].map((x) => (Math.log1p(x) - (model.scaler.means[0] ?? 0)) / (model.scaler.deviations[0] ?? 0));
    model.centroids.forEach(([x], segment) => {
      expect(x).toBeCloseTo(scaled[segment] ?? Number.NaN, 9);
    });
    expect(ids.every((id, row) => !left.has(id) || labels[row] === 1)).toBe(true);
  });
});
