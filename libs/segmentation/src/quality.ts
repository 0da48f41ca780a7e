import { at, flatten, rowCount, squaredDistance, type Matrix } from './matrix.js';

/** Who is nearest to what, and how good a division that is. */
export interface Evaluation {
  /** For each row the number of its nearest centroid; the lowest number among equally near ones. */
  readonly labels: Int32Array;
  /** Rows of each centroid. */
  readonly sizes: number[];
  /** Sum of squared distances to the nearest centroid, in scaled units. */
  readonly inertia: number;
  /**
   * Mean simplified silhouette, from -1 to 1: (b - a) / max(a, b), with a the distance to the nearest centroid
   * and b to the second nearest; 0 where both are 0, and 0 for a single segment, which has nothing to be apart
   * from. Never a reason to prefer a model by itself: segments of 4,296, 3 and 23 customers score 0.96.
   *
   * Source: E. R. Hruschka, R. J. G. B. Campello, L. N. de Castro, "Evolving clusters in gene-expression data",
   * Information Sciences 176(13), 2006; the full one, over all pairs: P. J. Rousseeuw, "Silhouettes", Journal of
   * Computational and Applied Mathematics 20, 1987.
   */
  readonly silhouette: number;
}

/** The nearest centroid of a row and the squared distances to it and to the next one. */
export interface Nearest {
  label: number;
  best: number;
  second: number;
}

/**
 * Finds the nearest centroid of the row that begins at `offset`, and writes it to `found`: no object is made in
 * the loop over millions of rows. An equal distance leaves the lower number standing.
 */
export function findNearest(values: Float64Array, offset: number, centroids: Matrix, found: Nearest): void {
  found.label = 0;
  found.best = Infinity;
  found.second = Infinity;
  for (let start = 0, label = 0; start < centroids.values.length; start += centroids.columns, label++) {
    const distance = squaredDistance(values, offset, centroids, start);
    if (distance < found.best) {
      found.second = found.best;
      found.best = distance;
      found.label = label;
    } else if (distance < found.second) {
      found.second = distance;
    }
  }
}

/**
 * Assigns every row to its nearest centroid and measures the result, in one pass over the rows.
 *
 * @param points - scaled rows, at least one
 * @param centroids - at least one, in the same units
 */
export function evaluate(points: Matrix, centroids: readonly (readonly number[])[]): Evaluation {
  const flat = flatten(centroids);
  const rows = rowCount(points);
  const labels = new Int32Array(rows);
  const sizes = new Array<number>(centroids.length).fill(0);
  const found: Nearest = { label: 0, best: Infinity, second: Infinity };
  let inertia = 0;
  let silhouettes = 0;
  for (let row = 0; row < rows; row++) {
    findNearest(points.values, row * points.columns, flat, found);
    labels[row] = found.label;
    sizes[found.label] = at(sizes, found.label) + 1;
    inertia += found.best;
    silhouettes += simplifiedSilhouette(found);
  }
  return { labels, sizes, inertia, silhouette: centroids.length > 1 ? silhouettes / rows : 0 };
}

/** The second distance is never the smaller one, so it is the maximum of the two. */
function simplifiedSilhouette({ best, second }: Nearest): number {
  return second === 0 ? 0 : 1 - Math.sqrt(best / second);
}
