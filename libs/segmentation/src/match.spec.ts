import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { matchSegments, type PriorSegments } from './match.js';
import { train, type Model, type Training } from './train.js';

const ids = Array.from({ length: 60 }, (_, i) => `c${String(i).padStart(2, '0')}`);
const kinds = (scales: readonly number[]) =>
  Float64Array.from(ids.flatMap((_, i) => {
    const scale = scales[i % scales.length] ?? 0;
    return [scale + (i % 5), 3 * scale + (i % 7)];
  }));
const trained = (scales: readonly number[], seed = 1): Training =>
  train({ ids, features: kinds(scales), featureNames: ['x', 'y'], k: scales.length, seed, starts: 10 });

function prior({ model, labels }: Training, names: readonly string[]): PriorSegments {
  return {
    features: model.features,
    scaler: model.scaler,
    segments: model.centroids.map((centroid, i) => ({ id: names[i] ?? '', centroid })),
    segmentOf: (customer) => names[labels[ids.indexOf(customer)] ?? -1],
  };
}

/** A model of one feature whose raw logarithm is its scaled value. */
const line = (centroids: readonly number[]): Model => ({
  features: ['x'],
  scaler: { means: [0], deviations: [1] },
  centroids: centroids.map((x) => [x]),
  sizes: centroids.map(() => 1),
  inertia: 0,
  silhouette: 0,
  k: centroids.length,
  seed: 1,
  starts: 1,
  trainedOn: centroids.length,
});
const before = (centroids: readonly number[]): PriorSegments => ({
  features: ['x'],
  scaler: { means: [0], deviations: [1] },
  segments: centroids.map((x, i) => ({ id: `s${i}`, centroid: [x] })),
});
const after = (centroids: readonly number[]) => ({ model: line(centroids), labels: new Int32Array(0), ids: [] });

describe('matching', () => {
  it('keeps every id when nothing changed, whatever the numbers of the segments', () => {
    const training = trained([1, 100, 10_000]);
    const { matches, retired } = matchSegments(prior(training, ['c', 'a', 'b']), { ...training, ids });
    expect(matches.map((match) => match?.id)).toEqual(['c', 'a', 'b']);
    expect(matches.map((match) => match?.shared)).toEqual([1, 1, 1]);
    expect(matches.every((match) => match && match.cost < 1e-12 && match.distance < 1e-12)).toBe(true);
    expect(retired).toEqual([]);
  });

  it('compares in the old units: a new scaler alone changes no distance', () => {
    const old = trained([1, 100, 10_000]);
    // The same division under a scaler of other means and deviations.
    const scaler = { means: [5, -3], deviations: [0.5, 4] };
    const restated = old.model.centroids.map((centroid) =>
      centroid.map((z, i) => (z * (old.model.scaler.deviations[i] ?? 0) + (old.model.scaler.means[i] ?? 0) - (scaler.means[i] ?? 0)) / (scaler.deviations[i] ?? 0)),
    );
    const { matches } = matchSegments(prior(old, ['a', 'b', 'c']), { model: { ...old.model, scaler, centroids: restated }, labels: old.labels, ids });
    matches.forEach((match, i) => {
      expect(match?.id).toBe(['a', 'b', 'c'][i]);
      expect(match?.distance).toBeCloseTo(0, 12);
    });
  });

  it('calls a segment new where none was near, and retires the one that nothing continues', () => {
    const old = trained([1, 100, 10_000]);
    const next = trained([1, 100, 1e12]);
    const { matches, retired } = matchSegments({ ...prior(old, ['a', 'b', 'c']), segmentOf: () => undefined }, { ...next, ids });
    expect(matches.map((match) => match?.id)).toEqual(['a', 'b', undefined]);
    expect(matches[0]).not.toHaveProperty('shared');
    expect(retired).toEqual(['c']);
  });

  it('lets shared members decide between centroids that are equally near', () => {
    const next = { model: line([-1, 1]), labels: Int32Array.of(0, 0, 1, 1), ids: ['p', 'q', 'r', 's'] };
    const members = new Map([['p', 's1'], ['q', 's1'], ['r', 's0'], ['s', 's0']]);
    const { matches } = matchSegments({ ...before([0, 0]), segmentOf: (id) => members.get(id) }, next);
    expect(matches.map((match) => [match?.id, match?.shared])).toEqual([['s1', 1], ['s0', 1]]);
  });

  it('counts only customers that both divisions know', () => {
    const next = { model: line([0]), labels: Int32Array.of(0, 0, 0, 0), ids: ['p', 'new-1', 'new-2', 'new-3'] };
    const { matches } = matchSegments({ ...before([0]), segmentOf: (id) => (id === 'p' ? 's0' : undefined) }, next);
    expect(matches[0]?.shared).toBe(1);
  });

  it('adds and retires segments when k changes', () => {
    expect(matchSegments(before([0, 5]), after([0.1, 2.5, 5.1]))).toMatchObject({ matches: [{ id: 's0' }, undefined, { id: 's1' }], retired: [] });
    expect(matchSegments(before([0, 2.5, 5]), after([0.1, 5.1]))).toMatchObject({ matches: [{ id: 's0' }, { id: 's2' }], retired: ['s1'] });
    expect(matchSegments(before([]), after([1]))).toEqual({ matches: [undefined], retired: [] });
  });

  it('is the best of all one-to-one matchings', () => {
    const places = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
    /** Of each customer the segment before and the one now, as fractions of how many there are. */
    const customers = fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.double({ min: 0, max: 0.999, noNaN: true })), { maxLength: 12 });
    fc.assert(
      fc.property(places, places, customers, fc.double({ min: 0.05, max: 1, noNaN: true }), (old, next, moves, limit) => {
        const members = moves.map(([was, is]) => ({ was: Math.floor(was * old.length), is: Math.floor(is * next.length) }));
        const found = matchSegments(
          { ...before(old), segmentOf: (id) => `s${members[Number(id)]?.was}` },
          { model: line(next), labels: Int32Array.from(members, ({ is }) => is), ids: members.map((_, i) => String(i)) },
          { limit },
        );
        const cost = (i: number, j: number) => {
          const distance = Math.abs((next[i] ?? Number.NaN) - (old[j] ?? Number.NaN));
          const apart = distance / (1 + distance);
          const either = members.filter(({ was, is }) => was === j || is === i);
          const shared = either.length === 0 ? 0 : either.filter(({ was, is }) => was === j && is === i).length / either.length;
          return members.length === 0 ? apart : (apart + 1 - shared) / 2;
        };
        /** The most that can be saved against the limit by matching new segments from `i` on. */
        const best = (i: number, free: readonly number[]): number =>
          i === next.length
            ? 0
            : Math.max(best(i + 1, free), ...free.map((j) => Math.max(0, limit - cost(i, j)) + best(i + 1, free.filter((other) => other !== j))));
        const pairs = found.matches.flatMap((match, i) => (match ? [{ i, j: Number(match.id.slice(1)) }] : []));
        const saved = pairs.reduce((sum, { i, j }) => sum + limit - cost(i, j), 0);
        expect(Math.abs(saved - best(0, [...old.keys()]))).toBeLessThan(1e-7);
        const kept = pairs.map(({ j }) => `s${j}`);
        expect(new Set(kept).size).toBe(kept.length);
        expect([...kept, ...found.retired].sort()).toEqual(before(old).segments.map(({ id }) => id));
        expect(pairs.every(({ i, j }) => cost(i, j) < limit + 1e-9)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('never gives up a pair within the limit for the sake of one beyond it', () => {
    // All centroids are equal, so that a cost is (1 - J) / 2. The least sum pairs n0 with b and n1 with a, at 0.3 each.
    const counts = [['a', 0, 3], ['b', 0, 2], ['a', 1, 2]] as const;
    const customers = counts.flatMap(([was, is, many]) => Array.from({ length: many }, (_, i) => ({ id: `${was}-${is}-${i}`, is })));
    const { matches, retired } = matchSegments(
      { ...before([0, 0]), segmentOf: (id) => (id.startsWith('a') ? 's0' : 's1') },
      { model: line([0, 0]), labels: Int32Array.from(customers, ({ is }) => is), ids: customers.map(({ id }) => id) },
      { limit: 0.295 },
    );
    expect(matches.map((match) => match?.id)).toEqual(['s0', undefined]);
    expect(retired).toEqual(['s1']);
  });

  it('compares the features that both models have, and leaves out one that did not vary before', () => {
    const old: PriorSegments = {
      features: ['gone', 'x', 'constant'],
      scaler: { means: [0, 0, 3], deviations: [1, 1, 0] },
      segments: [{ id: 'a', centroid: [9, -2, 0] }, { id: 'b', centroid: [-9, 2, 0] }],
    };
    const model = { ...line([]), features: ['constant', 'x'], scaler: { means: [0, 0], deviations: [1, 1] }, centroids: [[8, 2], [-8, -2]] };
    const { matches } = matchSegments(old, { model, labels: new Int32Array(0), ids: [] });
    expect(matches).toMatchObject([{ id: 'b', distance: 0 }, { id: 'a', distance: 0 }]);
    expect(() => matchSegments({ ...old, features: ['p', 'q', 'r'] }, { model, labels: new Int32Array(0), ids: [] })).toThrow(
      'The two models have no feature in common.',
    );
  });

  it('refuses weights and limits out of range, and an id twice', () => {
    expect(() => matchSegments(before([0]), after([0]), { memberWeight: 1.1 })).toThrow('input-invalid');
    expect(() => matchSegments(before([0]), after([0]), { limit: 0 })).toThrow('input-invalid');
    const { segments } = before([0]);
    expect(() => matchSegments({ ...before([0]), segments: [...segments, ...segments] }, after([0]))).toThrow('Two old segments have the same id.');
  });
});
