import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { fitScaler, inverse, signedExp, signedLog, transform } from './scale.js';

const matrix = (rows: number[][]) => ({ values: Float64Array.from(rows.flat()), columns: rows[0]?.length ?? 1 });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Whole numbers, as features are. */
const whole = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });

describe('the signed logarithm', () => {
  it('is odd, rises, and stays finite for every finite number', () => {
    fc.assert(
      fc.property(finite, finite, (x, y) => {
        expect(Number.isFinite(signedLog(x))).toBe(true);
        expect(signedLog(-x)).toBeCloseTo(-signedLog(x), 12);
        if (x < y) expect(signedLog(x)).toBeLessThanOrEqual(signedLog(y));
      }),
    );
    expect(signedLog(-Number.MAX_VALUE)).toBeCloseTo(-709.78, 2);
  });

  it('is undone by its inverse', () => {
    fc.assert(
      fc.property(whole, (x) => {
        expect(Math.abs(signedExp(signedLog(x)) - x)).toBeLessThanOrEqual(1e-12 * Math.abs(x));
      }),
    );
  });
});

describe('a scaler', () => {
  it('gives mean 0 and deviation 1 over the rows that it was fitted to', () => {
    const rows = [[1, -5], [10, 0], [100, 7], [1000, 3]];
    const scaler = fitScaler(matrix(rows));
    const scaled = rows.map((row) => transform(scaler, row));
    for (const column of [0, 1]) {
      const values = scaled.map((row) => row[column] ?? Number.NaN);
      expect(values.reduce((a, b) => a + b)).toBeCloseTo(0, 12);
      expect(values.reduce((a, b) => a + b * b, 0) / rows.length).toBeCloseTo(1, 12);
    }
  });

  it('takes whole rows there and back, unless they are held', () => {
    const rows = fc.array(fc.tuple(whole, whole, whole), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(rows, (drawn) => {
        const scaler = fitScaler(matrix(drawn));
        for (const row of drawn) {
          const scaled = transform(scaler, row);
          inverse(scaler, scaled).forEach((value, column) => {
            if (Math.abs(scaled[column] ?? 0) === 3) return;
            expect(Math.abs(value - (row[column] ?? Number.NaN))).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(row[column] ?? 0)));
          });
        }
      }),
    );
  });

  it('scales a feature that did not vary to 0, for rows not seen before too', () => {
    const scaler = fitScaler(matrix([[0.1, 1], [0.1, 2], [0.1, 3]]));
    expect(scaler.deviations[0]).toBe(0);
    expect([0.1, 5, -1e300].map((x) => transform(scaler, [x, 2])[0])).toEqual([0, 0, 0]);
    expect(inverse(scaler, [0, 0])[0]).toBeCloseTo(0.1, 15);
  });

  it('holds what lies beyond three deviations at three', () => {
    const scaler = fitScaler(matrix(Array.from({ length: 100 }, (_, i) => [1000 + i])));
    expect([-1, 0, 1e9].map((x) => transform(scaler, [x])[0])).toEqual([-3, -3, 3]);
  });

  it('never gives NaN or more than three, whatever finite numbers it is given', () => {
    const rows = fc.array(fc.tuple(finite, finite), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(rows, finite, (drawn, other) => {
        const scaler = fitScaler(matrix(drawn));
        expect([...transform(scaler, [other, other])].every((x) => Math.abs(x) <= 3)).toBe(true);
      }),
    );
  });

  it('is plain JSON', () => {
    const scaler = fitScaler(matrix([[1, 2], [3, 4]]));
    expect(JSON.parse(JSON.stringify(scaler))).toEqual(scaler);
  });

  it('names the row and the feature of a number that is none', () => {
    const names = { rows: ['anna', 'bo'], features: ['recency', 'monetary'] };
    expect(() => fitScaler(matrix([[1, 2], [3, Number.NaN]]), names)).toThrow('Feature monetary of row bo is NaN.');
    expect(() => fitScaler(matrix([[1, 2], [-Infinity, 4]]))).toThrow('Feature 0 of row 1 is -Infinity.');
    const scaler = fitScaler(matrix([[1, 2], [3, 4]]));
    expect(() => transform(scaler, [1, Infinity], ['recency', 'monetary'])).toThrow('Feature monetary of row 0 is Infinity.');
  });

  it('refuses no rows, and a row of another length', () => {
    expect(() => fitScaler({ values: new Float64Array(0), columns: 2 })).toThrow('input-invalid');
    expect(() => transform(fitScaler(matrix([[1, 2]])), [1])).toThrow('A row has 1 features, the scaler 2.');
  });
});
