import { SegmentationError } from './errors.js';
import { at, checkFinite, rowCount, type Matrix, type MatrixNames } from './matrix.js';

/**
 * How raw features become comparable: the mean and the standard deviation of each one's signed logarithm.
 * Plain JSON, one number per feature in the order of the features. A deviation of 0 marks a feature that did
 * not vary: it is scaled to 0 whatever its value, since it told the customers apart in nothing.
 */
export interface Scaler {
  readonly means: readonly number[];
  readonly deviations: readonly number[];
}

/**
 * Scaled values are held within this many standard deviations (winsorised). The signed logarithm opens a gap at
 * zero: a customer whose returns outweigh the purchases lies ten deviations below the others, and a few dozen of
 * them would take a segment for themselves. At three they still are the lowest, and no more than that.
 */
const REACH = 3;

/**
 * sign(x) * ln(1 + |x|): draws in long tails on both sides of zero and leaves zero where it is. Finite for every
 * finite x.
 *
 * Source: J. Whittaker, J. Whitehead, M. Somers, "The neglog transformation and quantile regression for the analysis
 * of a large credit scoring database", Applied Statistics 54(5), 2005.
 */
export function signedLog(x: number): number {
  return x < 0 ? -Math.log1p(-x) : Math.log1p(x);
}

/** The inverse of {@link signedLog}. */
export function signedExp(y: number): number {
  return y < 0 ? -Math.expm1(-y) : Math.expm1(y);
}

/**
 * Fits a scaler: the mean and the population standard deviation (divided by n) of each feature's signed logarithm.
 *
 * @param raw - at least one row of raw features
 * @param names - what to call rows and features in an error
 * @throws SegmentationError `value-not-finite`, `input-invalid`
 */
export function fitScaler(raw: Matrix, names: MatrixNames = {}): Scaler {
  if (raw.values.length === 0) throw new SegmentationError('input-invalid', 'There are no rows to fit a scaler to.');
  checkFinite(raw, names);
  return fitLogs({ values: raw.values.map(signedLog), columns: raw.columns });
}

/**
 * The scaler of rows whose signed logarithms are already taken.
 *
 * Sums run over differences from the first row, so that a feature that does not vary has exactly no deviation,
 * where a plain mean would leave a rounding error to be blown up.
 */
export function fitLogs(logs: Matrix): Scaler {
  const means: number[] = [];
  const deviations: number[] = [];
  for (let column = 0; column < logs.columns; column++) {
    const mean = meanOf(logs, column);
    means.push(mean);
    deviations.push(deviationOf(logs, column, mean));
  }
  return { means, deviations };
}

function meanOf({ values, columns }: Matrix, column: number): number {
  const first = at(values, column);
  let sum = 0;
  for (let i = column; i < values.length; i += columns) sum += at(values, i) - first;
  return first + sum / (values.length / columns);
}

function deviationOf(logs: Matrix, column: number, mean: number): number {
  let sum = 0;
  for (let i = column; i < logs.values.length; i += logs.columns) {
    const difference = at(logs.values, i) - mean;
    sum += difference * difference;
  }
  return Math.sqrt(sum / rowCount(logs));
}

/** Turns signed logarithms into scaled values where they lie, so that a large matrix is held once. */
export function standardise(logs: Matrix, scaler: Scaler): void {
  for (let i = 0; i < logs.values.length; i++) {
    const column = i % logs.columns;
    logs.values[i] = zScore(at(logs.values, i), scaler, column);
  }
}

function zScore(log: number, scaler: Scaler, column: number): number {
  const deviation = at(scaler.deviations, column);
  if (deviation === 0) return 0;
  return Math.min(REACH, Math.max(-REACH, (log - at(scaler.means, column)) / deviation));
}

/**
 * Scales one row of raw features: standard deviations from the mean, from -3 to 3.
 *
 * @param scaler - as fitted
 * @param row - raw features in the scaler's order
 * @param features - what to call the features in an error
 * @throws SegmentationError `input-invalid` for a row of another length, `value-not-finite`
 */
export function transform(scaler: Scaler, row: ArrayLike<number>, features?: readonly string[]): Float64Array {
  if (row.length !== scaler.means.length) {
    throw new SegmentationError('input-invalid', `A row has ${row.length} features, the scaler ${scaler.means.length}.`);
  }
  const values = Float64Array.from(row);
  checkFinite({ values, columns: values.length }, features ? { features } : {});
  return values.map((x, column) => zScore(signedLog(x), scaler, column));
}

/** Scales the row of a large matrix that begins at `offset` into `scaled`, unchecked. */
export function scaleInto(scaler: Scaler, raw: Float64Array, offset: number, scaled: Float64Array): void {
  for (let column = 0; column < scaled.length; column++) {
    scaled[column] = zScore(signedLog(at(raw, offset + column)), scaler, column);
  }
}

/**
 * The raw features that would be scaled to this row (of those beyond ±3, the nearest), for showing a centroid in
 * units that a person reads. A feature that did not vary gives the value that all rows had.
 */
export function inverse(scaler: Scaler, scaled: ArrayLike<number>): number[] {
  return scaler.means.map((mean, column) => signedExp(at(scaled, column) * at(scaler.deviations, column) + mean));
}
