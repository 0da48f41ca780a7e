import { SegmentationError } from './errors.js';

/** Numbers in rows of equal length, row after row in one array. */
export interface Matrix {
  readonly values: Float64Array;
  /** Numbers in a row; `values.length` is a multiple of it. */
  readonly columns: number;
}

/** What to call a row or a column of a matrix in an error; without it they are counted from 0. */
export interface MatrixNames {
  readonly rows?: readonly string[];
  readonly features?: readonly string[];
}

/**
 * Reads one number inside the bounds. A place outside them would give NaN, which no comparison accepts,
 * instead of an `undefined` that arithmetic hides.
 */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}

/** How many rows a matrix has. */
export function rowCount(matrix: Matrix): number {
  return matrix.values.length / matrix.columns;
}

/** Refuses the first NaN or infinity with the names of its row and feature (`value-not-finite`). */
export function checkFinite({ values, columns }: Matrix, names: MatrixNames = {}): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    const row = Math.floor(i / columns);
    const column = i % columns;
    throw new SegmentationError(
      'value-not-finite',
      `Feature ${names.features?.[column] ?? column} of row ${names.rows?.[row] ?? row} is ${values[i]}.`,
    );
  }
}

/** Joins centroids into one matrix, so that the loops over rows read a flat array. */
export function flatten(rows: readonly (readonly number[])[]): Matrix {
  const columns = rows[0]?.length ?? 0;
  return { values: Float64Array.from(rows.flat()), columns };
}

/** The squared Euclidean distance between the row of `a` that begins at `i` and the row of `b` that begins at `j`. */
export function squaredDistance(a: Float64Array, i: number, b: Matrix, j: number): number {
  let sum = 0;
  for (let column = 0; column < b.columns; column++) {
    const difference = at(a, i + column) - at(b.values, j + column);
    sum += difference * difference;
  }
  return sum;
}
