import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { evaluate } from './quality.js';

const coordinate = fc.integer({ min: -20, max: 20 });
const rows = fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 20 });
const centroids = fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 5 });
const matrix = (drawn: number[][]) => ({ values: Float64Array.from(drawn.flat()), columns: 2 });
const squared = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + (x - (b[i] ?? Number.NaN)) ** 2, 0);

describe('the evaluation of centroids', () => {
  it('is what a comparison of every row with every centroid gives', () => {
    fc.assert(
      fc.property(rows, centroids, (points, centres) => {
        const found = evaluate(matrix(points), centres);
        const all = points.map((point) => centres.map((centre) => squared(point, centre)));
        const labels = all.map((distances) => distances.indexOf(Math.min(...distances)));
        expect([...found.labels]).toEqual(labels);
        expect(found.sizes).toEqual(centres.map((_, label) => labels.filter((other) => other === label).length));
        expect(found.inertia).toBe(all.reduce((sum, distances) => sum + Math.min(...distances), 0));
      }),
    );
  });

  it('has the simplified silhouette of the formula', () => {
    fc.assert(
      fc.property(rows, centroids, (points, centres) => {
        fc.pre(centres.length > 1);
        const each = points.map((point) => {
          const [a = 0, b = 0] = centres.map((centre) => Math.sqrt(squared(point, centre))).sort((x, y) => x - y);
          return b === 0 ? 0 : (b - a) / Math.max(a, b);
        });
        const mean = each.reduce((sum, one) => sum + one, 0) / each.length;
        expect(evaluate(matrix(points), centres).silhouette).toBeCloseTo(mean, 12);
      }),
    );
  });

  it('gives a silhouette of 0 to a single segment', () => {
    expect(evaluate(matrix([[1, 2], [3, 4]]), [[2, 3]]).silhouette).toBe(0);
  });
});
