import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { assign, assignAll } from './assign.js';
import { transform } from './scale.js';
import { train } from './train.js';

const row = fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: 0, max: 99 }));
const population = fc.array(row, { minLength: 4, maxLength: 30 }).filter((rows) => new Set(rows.map(String)).size >= 3);

function trained(rows: number[][]) {
  const ids = rows.map((_, i) => `c${i}`);
  return train({ ids, features: Float64Array.from(rows.flat()), featureNames: ['x', 'y'], k: 3, seed: 5, starts: 3 });
}

describe('an assignment', () => {
  it('is to the centroid that a comparison with each finds nearest', () => {
    fc.assert(
      fc.property(population, row, (rows, other) => {
        const { model } = trained(rows);
        const point = [...transform(model.scaler, other)];
        const distances = model.centroids.map((centroid) => Math.hypot(...centroid.map((x, i) => x - (point[i] ?? Number.NaN))));
        const assigned = assign(model, other);
        expect(distances[assigned.segment]).toBeCloseTo(Math.min(...distances), 12);
        assigned.distances.forEach((distance, i) => {
          expect(distance).toBeCloseTo(distances[i] ?? Number.NaN, 9);
        });
      }),
    );
  });

  it('is the same for one, for many, and at the end of the training', () => {
    fc.assert(
      fc.property(population, (rows) => {
        const { model, labels } = trained(rows);
        expect([...assignAll(model, Float64Array.from(rows.flat()))]).toEqual([...labels]);
        expect(rows.map((each) => assign(model, each).segment)).toEqual([...labels]);
      }),
    );
  });

  it('is to the lowest number among equally near centroids', () => {
    const model = { features: ['x'], scaler: { means: [0], deviations: [1] }, centroids: [[-1], [1], [1]] };
    expect(assign(model, [0])).toEqual({ segment: 0, distances: [1, 1, 1] });
    expect(assign(model, [Math.E - 1]).segment).toBe(1);
    expect([...assignAll(model, Float64Array.of(0, Math.E - 1))]).toEqual([0, 1]);
  });

  it('refuses a row that does not fit and a number that is none', () => {
    const model = { features: ['x', 'y'], scaler: { means: [0, 0], deviations: [1, 1] }, centroids: [[0, 0]] };
    expect(() => assign(model, [1])).toThrow('A row has 1 features, the scaler 2.');
    expect(() => assign(model, [1, Number.NaN])).toThrow('Feature y of row 0 is NaN.');
    expect(() => assignAll(model, Float64Array.of(1, 2, 3))).toThrow('3 values do not make rows of 2 features.');
    expect(() => assignAll(model, Float64Array.of(1, 2, 3, Infinity), ['a', 'b'])).toThrow('Feature y of row b is Infinity.');
  });
});
