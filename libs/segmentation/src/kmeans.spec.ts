import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { bestOfStarts, chooseSeeds } from './kmeans.js';
import { evaluate } from './quality.js';
import { seededRandom } from './random.js';

const matrix = (rows: number[][]) => ({ values: Float64Array.from(rows.flat()), columns: rows[0]?.length ?? 1 });
const different = (rows: number[][]) => new Set(rows.map(String)).size;
const lattice = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })), { minLength: 1, maxLength: 25 });

describe('seeds', () => {
  it('are rows, all different', () => {
    fc.assert(
      fc.property(lattice, fc.integer({ min: 1, max: 6 }), fc.nat(), (rows, k, seed) => {
        fc.pre(different(rows) >= k);
        const seeds = chooseSeeds(matrix(rows), k, seededRandom(seed));
        expect(different(seeds)).toBe(k);
        expect(different([...rows, ...seeds])).toBe(different(rows));
      }),
    );
  });

  it('cannot be more than there are different rows, and the refusal says how many there are', () => {
    const rows = [[1, 1], [2, 2], [1, 1], [2, 2]];
    expect(() => chooseSeeds(matrix(rows), 3, seededRandom(1))).toThrow(
      'rows-too-alike: 3 segments need at least 3 different rows; there are only 2 different ones.',
    );
    expect(() => chooseSeeds(matrix([[1, 1], [1, 1]]), 2, seededRandom(1))).toThrow('all rows are equal');
  });

  it('fall far apart more often than evenly', () => {
    // One far row among a hundred: evenly drawn it would be the second seed about once in a hundred times.
    const rows = [...Array.from({ length: 99 }, (_, i) => [i / 100]), [1000]];
    const random = seededRandom(3);
    const hits = Array.from({ length: 50 }, () => chooseSeeds(matrix(rows), 2, random)).filter((seeds) => seeds.flat().includes(1000));
    expect(hits.length).toBe(50);
  });
});

describe('the best of several starts', () => {
  it('fills every segment whenever there are enough different rows', () => {
    fc.assert(
      fc.property(lattice, fc.integer({ min: 1, max: 6 }), fc.nat(), (rows, k, seed) => {
        fc.pre(different(rows) >= k);
        const centroids = bestOfStarts(matrix(rows), { k, seed, starts: 1 });
        expect(evaluate(matrix(rows), centroids).sizes).not.toContain(0);
      }),
      { numRuns: 500 },
    );
  });

  it('refills a segment that the iterations emptied', () => {
    // With these rows and this seed plain iterations end with a centroid that no row is nearest to, and an inertia of 22.
    const rows = [[2, 0], [14, 2], [0, 0], [4, 9], [4, 0], [8, 10], [2, 15], [15, 5], [2, 6], [3, 6]];
    const found = evaluate(matrix(rows), bestOfStarts(matrix(rows), { k: 6, seed: 81_320, starts: 1 }));
    expect(found.sizes).not.toContain(0);
    expect(found.inertia).toBeCloseTo(13.5, 9);
  });

  it('ends where each centroid is the mean of its rows', () => {
    fc.assert(
      fc.property(lattice, fc.nat(), (rows, seed) => {
        fc.pre(different(rows) >= 3);
        const centroids = bestOfStarts(matrix(rows), { k: 3, seed, starts: 3 });
        const { labels } = evaluate(matrix(rows), centroids);
        centroids.forEach((centroid, label) => {
          const members = rows.filter((_, row) => labels[row] === label);
          centroid.forEach((value, column) => {
            const mean = members.reduce((sum, row) => sum + (row[column] ?? Number.NaN), 0) / members.length;
            expect(Math.abs(value - mean)).toBeLessThan(1e-3);
          });
        });
      }),
    );
  });

  it('is never worse with more starts, and orders centroids by their coordinates', () => {
    fc.assert(
      fc.property(lattice, fc.nat(), (rows, seed) => {
        fc.pre(different(rows) >= 4);
        const inertia = (starts: number) => evaluate(matrix(rows), bestOfStarts(matrix(rows), { k: 4, seed, starts })).inertia;
        expect(inertia(8)).toBeLessThanOrEqual(inertia(2));
        const first = bestOfStarts(matrix(rows), { k: 4, seed, starts: 2 }).map(([x]) => x ?? Number.NaN);
        expect(first).toEqual([...first].sort((a, b) => a - b));
      }),
    );
  });
});
