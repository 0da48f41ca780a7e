import { kmeans as lloyd } from 'ml-kmeans';

import { SegmentationError } from './errors.js';
import { at, flatten, rowCount, squaredDistance, type Matrix } from './matrix.js';
import { evaluate, type Evaluation } from './quality.js';
import { seededRandom, type Random } from './random.js';

/** What to train: how many segments, from how many seeded starts. */
export interface KmeansOptions {
  readonly k: number;
  readonly seed: number;
  readonly starts: number;
}

/** Lloyd iterations of one start; more has no visible effect on scaled data. */
const MAX_ITERATIONS = 300;
/** A start has settled when no centroid moves by more than a ten-thousandth of a standard deviation (squared here). */
const TOLERANCE = 1e-8;

type Centroids = readonly (readonly number[])[];

/** Where a start came to rest. */
interface Settled {
  readonly centroids: number[][];
  readonly inertia: number;
}

/**
 * k-means from several seeded k-means++ starts; gives the centroids of the start with the lowest inertia (of equal
 * ones the first), in ascending order of their coordinates, so that a number does not depend on the start.
 * No centroid is without a row.
 *
 * @param points - scaled, finite rows, at least k of them
 * @throws SegmentationError `rows-too-alike`, `segment-empty`
 */
export function bestOfStarts(points: Matrix, options: KmeansOptions): number[][] {
  const random = seededRandom(options.seed);
  const lists = toLists(points);
  let best: Settled | undefined;
  for (let start = 0; start < options.starts; start++) {
    const settled = settle(points, lists, chooseSeeds(points, options.k, random));
    if (settled && (best === undefined || settled.inertia < best.inertia)) best = settled;
  }
  if (best) return best.centroids;
  throw new SegmentationError('segment-empty', `None of ${options.starts} starts filled ${options.k} segments; ask for fewer.`);
}

/** ml-kmeans reads an array of arrays. */
function toLists(points: Matrix): number[][] {
  return Array.from({ length: rowCount(points) }, (_, row) => rowAt(points, row));
}

function rowAt({ values, columns }: Matrix, row: number): number[] {
  return Array.from(values.subarray(row * columns, (row + 1) * columns));
}

/**
 * k-means++: the first seed evenly, each further one with a chance proportional to the squared distance to the
 * nearest seed so far, so that no two seeds are equal.
 *
 * Source: D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
 *
 * @throws SegmentationError `rows-too-alike` when every row equals one of fewer than k seeds
 */
export function chooseSeeds(points: Matrix, k: number, random: Random): number[][] {
  const distances = new Float64Array(rowCount(points)).fill(Infinity);
  let seed = rowAt(points, Math.floor(random() * distances.length));
  const seeds = [seed];
  while (seeds.length < k) {
    const total = approach(points, seed, distances);
    if (total === 0) throw tooAlike(k, seeds.length);
    seed = rowAt(points, draw(distances, random() * total));
    seeds.push(seed);
  }
  return seeds;
}

function tooAlike(k: number, different: number): SegmentationError {
  const found = different === 1 ? 'all rows are equal' : `there are only ${different} different ones`;
  return new SegmentationError('rows-too-alike', `${k} segments need at least ${k} different rows; ${found}.`);
}

/** Lowers each row's squared distance to that of the new seed where it is nearer; gives the sum of all. */
function approach({ values, columns }: Matrix, seed: readonly number[], distances: Float64Array): number {
  const target = flatten([seed]);
  let total = 0;
  for (let row = 0; row < distances.length; row++) {
    const distance = squaredDistance(values, row * columns, target, 0);
    if (distance < at(distances, row)) distances[row] = distance;
    total += at(distances, row);
  }
  return total;
}

/** The row at which the running sum passes `mark`; a rounding at the end falls back to the last possible row. */
function draw(distances: Float64Array, mark: number): number {
  let sum = 0;
  let last = 0;
  for (let row = 0; row < distances.length; row++) {
    const distance = at(distances, row);
    if (distance === 0) continue;
    sum += distance;
    last = row;
    if (sum > mark) return row;
  }
  return last;
}

/**
 * Lloyd's iterations until nothing moves, with the centroids in order of their coordinates: equally near rows go to the
 * lowest number, so that putting them in order can move a row and is followed by iterations. A centroid that ends
 * without rows goes to the row that is worst served. After two rounds a centroid the start is left as it is, or
 * given up if a segment is still empty.
 */
function settle(points: Matrix, lists: number[][], seeds: Centroids): Settled | undefined {
  let initialization = seeds.map((seed) => [...seed]);
  let settled: Settled | undefined;
  for (let round = 0; round < 2 * seeds.length; round++) {
    const { centroids } = lloyd(lists, seeds.length, { initialization, maxIterations: MAX_ITERATIONS, tolerance: TOLERANCE });
    const ordered = centroids.toSorted(byCoordinates);
    // The labels that ml-kmeans gives belong to the centroids of one step before.
    const found = evaluate(points, ordered);
    const empty = found.sizes.indexOf(0);
    settled = empty < 0 ? { centroids: ordered, inertia: found.inertia } : undefined;
    if (settled && ordered.every((centroid, label) => centroid === centroids[label])) break;
    initialization = ordered.map((centroid, label) => (label === empty ? worstServed(points, ordered, found) : centroid));
  }
  return settled;
}

/** Ascending by the first coordinate that differs. */
function byCoordinates(a: readonly number[], b: readonly number[]): number {
  const column = a.findIndex((value, i) => value !== b[i]);
  return column < 0 ? 0 : at(a, column) - at(b, column);
}

/** The row farthest from its centroid. At rest a lone row lies on its centroid, so that taking this one empties none. */
function worstServed(points: Matrix, centroids: Centroids, { labels }: Evaluation): number[] {
  const flat = flatten(centroids);
  let worst = 0;
  let farthest = -1;
  labels.forEach((label, row) => {
    const distance = squaredDistance(points.values, row * points.columns, flat, label * points.columns);
    if (distance <= farthest) return;
    farthest = distance;
    worst = row;
  });
  return rowAt(points, worst);
}
