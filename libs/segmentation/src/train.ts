import { SegmentationError } from './errors.js';
import { bestOfStarts, type KmeansOptions } from './kmeans.js';
import { at, checkFinite, rowCount, type Matrix } from './matrix.js';
import { evaluate } from './quality.js';
import { hashText } from './random.js';
import { fitLogs, signedLog, standardise, type Scaler } from './scale.js';

/** Bounds of a training. */
export const LIMITS = { segments: 50, features: 50, starts: 100, trainingRows: 100_000 } as const;

/** What a model is trained from. */
export interface TrainingInput extends KmeansOptions {
  /** One id a row, all different. Their order and the rows' does not matter: rows are taken by ascending id. */
  readonly ids: readonly string[];
  /** Raw features, row after row: `ids.length` x `featureNames.length` finite numbers. */
  readonly features: Float64Array;
  /** All different, in the order of a row. */
  readonly featureNames: readonly string[];
  /** How many segments: 1 to 50. */
  readonly k: number;
  /** An integer from 0 to 2^32-1; the same rows and seed give the same model bit for bit (on one Node major). */
  readonly seed: number;
  /** k-means++ starts, of which the best is kept: 1 to 100. */
  readonly starts: number;
}

/** All that is needed to assign a customer; plain JSON. */
export interface Model {
  readonly features: readonly string[];
  readonly scaler: Scaler;
  /** In scaled units, ascending by their coordinates; a segment's number is its place here. */
  readonly centroids: readonly (readonly number[])[];
  /** Rows of each segment, over all rows; none is 0. */
  readonly sizes: readonly number[];
  /** Sum of squared distances to the nearest centroid over all rows, in scaled units. */
  readonly inertia: number;
  /** Mean simplified silhouette over all rows, from -1 to 1; 0 for a single segment. */
  readonly silhouette: number;
  readonly k: number;
  readonly seed: number;
  readonly starts: number;
  /** Rows that the centroids were found on: all, or 100,000 chosen by a hash of their ids. */
  readonly trainedOn: number;
}

/** A model and where it puts the rows that it was trained from. */
export interface Training {
  readonly model: Model;
  /** For each row, in the order of the input, the number of its segment. */
  readonly labels: Int32Array;
}

/**
 * Trains a model: signed logarithm and z-score (held within ±3) over all rows, k-means on at most 100,000 of them,
 * everyone assigned. Pure and synchronous: a service calls `trainInWorker`.
 *
 * @throws SegmentationError `input-invalid`, `value-not-finite`, `rows-too-few`, `rows-too-alike`, `segment-empty`
 */
export function train(input: TrainingInput): Training {
  checkShape(input);
  const columns = input.featureNames.length;
  checkFinite({ values: input.features, columns }, { rows: input.ids, features: input.featureNames });
  const order = canonicalOrder(input.ids);
  const points = logsInOrder(input, order);
  const scaler = fitLogs(points);
  standardise(points, scaler);

  const chosen = choose(input.ids, order, points);
  const centroids = bestOfStarts(chosen, input);
  const { labels, sizes, inertia, silhouette } = evaluate(points, centroids);
  const { k, seed, starts } = input;
  return {
    model: {
      features: [...input.featureNames],
      scaler,
      centroids,
      sizes,
      inertia,
      silhouette,
      k,
      seed,
      starts,
      trainedOn: rowCount(chosen),
    },
    labels: inInputOrder(labels, order),
  };
}

/** Refuses what does not fit together, without looking at the values. */
export function checkShape(input: TrainingInput): void {
  const { ids, features, featureNames } = input;
  checkCount('k', input.k, LIMITS.segments);
  checkCount('starts', input.starts, LIMITS.starts);
  checkCount('The number of features', featureNames.length, LIMITS.features);
  if (!Number.isInteger(input.seed) || input.seed < 0 || input.seed >= 2 ** 32) {
    throw new SegmentationError('input-invalid', `seed must be an integer from 0 to 2^32-1, not ${input.seed}.`);
  }
  if (new Set(featureNames).size !== featureNames.length) {
    throw new SegmentationError('input-invalid', 'Two features have the same name.');
  }
  if (features.length !== ids.length * featureNames.length) {
    throw new SegmentationError(
      'input-invalid',
      `${ids.length} ids and ${featureNames.length} features need ${ids.length * featureNames.length} values; there are ${features.length}.`,
    );
  }
  if (ids.length < input.k) {
    throw new SegmentationError('rows-too-few', `${input.k} segments need at least ${input.k} rows; there are ${ids.length}.`);
  }
}

function checkCount(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new SegmentationError('input-invalid', `${what} must be an integer from 1 to ${most}, not ${value}.`);
}

/** The rows' numbers by ascending id (by UTF-16 code unit): sums then run in one order whatever the input's. */
function canonicalOrder(ids: readonly string[]): Uint32Array {
  const order = Uint32Array.from(ids.keys());
  const sorted = ids.every((id, row) => row === 0 || (ids[row - 1] ?? '') < id);
  if (sorted) return order;
  order.sort((a, b) => compare(ids[a] ?? '', ids[b] ?? ''));
  const repeated = order.find((row, place) => place > 0 && ids[row] === ids[at(order, place - 1)]);
  if (repeated !== undefined) throw new SegmentationError('input-invalid', `Two rows have the id ${ids[repeated]}.`);
  return order;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function logsInOrder({ features, featureNames }: TrainingInput, order: Uint32Array): Matrix {
  const columns = featureNames.length;
  const values = new Float64Array(features.length);
  order.forEach((row, place) => {
    for (let column = 0; column < columns; column++) {
      values[place * columns + column] = signedLog(at(features, row * columns + column));
    }
  });
  return { values, columns };
}

/** The rows to find centroids on: all, or those with the lowest hashes of their ids (of equal ones the lower id). */
function choose(ids: readonly string[], order: Uint32Array, points: Matrix): Matrix {
  if (order.length <= LIMITS.trainingRows) return points;
  const hashes = Uint32Array.from(order, (row) => hashText(ids[row] ?? ''));
  const highest = at(hashes.slice().sort(), LIMITS.trainingRows - 1);
  let equals = LIMITS.trainingRows - hashes.filter((hash) => hash < highest).length;
  const { columns } = points;
  const values = new Float64Array(LIMITS.trainingRows * columns);
  let filled = 0;
  hashes.forEach((hash, place) => {
    if (hash > highest || (hash === highest && equals-- <= 0)) return;
    values.set(points.values.subarray(place * columns, (place + 1) * columns), filled);
    filled += columns;
  });
  return { values, columns };
}

function inInputOrder(labels: Int32Array, order: Uint32Array): Int32Array {
  const result = new Int32Array(labels.length);
  order.forEach((row, place) => {
    result[row] = at(labels, place);
  });
  return result;
}
