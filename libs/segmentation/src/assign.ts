import { SegmentationError } from './errors.js';
import { checkFinite, flatten, squaredDistance } from './matrix.js';
import { findNearest, type Nearest } from './quality.js';
import { scaleInto, transform } from './scale.js';
import type { Model } from './train.js';

/** What assigning needs of a model. */
export type Centres = Pick<Model, 'features' | 'scaler' | 'centroids'>;

/** The segment of one customer and how far every segment is. */
export interface Assignment {
  /** The number of the nearest centroid; the lowest among equally near ones. */
  readonly segment: number;
  /** Euclidean distance to each centroid, in scaled units. */
  readonly distances: readonly number[];
}

/**
 * Assigns one row to its nearest centroid.
 *
 * @param row - raw features in the model's order
 * @throws SegmentationError `input-invalid` for a row of another length, `value-not-finite`
 */
export function assign(model: Centres, row: ArrayLike<number>): Assignment {
  const point = transform(model.scaler, row, model.features);
  const centroids = flatten(model.centroids);
  const found: Nearest = { label: 0, best: Infinity, second: Infinity };
  findNearest(point, 0, centroids, found);
  const distances = model.centroids.map((_, label) =>
    Math.sqrt(squaredDistance(point, 0, centroids, label * centroids.columns)),
  );
  return { segment: found.label, distances };
}

/**
 * Assigns many rows in one loop; the same result as {@link assign} for each.
 *
 * @param features - raw features, row after row, in the model's order
 * @param ids - what to call the rows in an error; counted from 0 without it
 * @returns for each row the number of its segment
 * @throws SegmentationError `input-invalid` when the values do not make whole rows, `value-not-finite`
 */
export function assignAll(model: Centres, features: Float64Array, ids?: readonly string[]): Int32Array {
  const columns = model.features.length;
  if (features.length % columns !== 0) {
    throw new SegmentationError('input-invalid', `${features.length} values do not make rows of ${columns} features.`);
  }
  checkFinite({ values: features, columns }, ids ? { rows: ids, features: model.features } : { features: model.features });
  const centroids = flatten(model.centroids);
  const point = new Float64Array(columns);
  const labels = new Int32Array(features.length / columns);
  const found: Nearest = { label: 0, best: Infinity, second: Infinity };
  for (let row = 0; row < labels.length; row++) {
    scaleInto(model.scaler, features, row * columns, point);
    findNearest(point, 0, centroids, found);
    labels[row] = found.label;
  }
  return labels;
}
