import { munkres } from 'munkres';

import { SegmentationError } from './errors.js';
import { at } from './matrix.js';
import type { Scaler } from './scale.js';
import type { Model, Training } from './train.js';

/** The segments in force before a training, and the model that they came from. */
export interface PriorSegments {
  readonly features: readonly string[];
  readonly scaler: Scaler;
  /** Ids are all different; centroids in the units of this scaler. */
  readonly segments: readonly { readonly id: string; readonly centroid: readonly number[] }[];
  /** The segment that a customer was in; without it, or when no customer was in any, centroids alone decide. */
  readonly segmentOf?: (customerId: string) => string | undefined;
}

/** A training and the ids of its rows. */
export interface NewSegments extends Training {
  readonly ids: readonly string[];
}

/** How to weigh and where to stop; the defaults are those of ADR 6. */
export interface MatchOptions {
  /** Share of the cost that the members have, 0 to 1; default 0.5. */
  readonly memberWeight?: number;
  /** A pair that costs this much or more is no match, from above 0 to 1; default 0.5. */
  readonly limit?: number;
}

/** An old segment that a new centroid continues. */
export interface SegmentMatch {
  readonly id: string;
  /** 0 for the same centroid and members, towards 1 for nothing in common. */
  readonly cost: number;
  /** Root mean square of the centroids' differences, in standard deviations of the old model. */
  readonly distance: number;
  /** Jaccard index of the members over customers who were in a segment before and are in one now; absent if there are none. */
  readonly shared?: number;
}

/** What became of the segments. */
export interface Matching {
  /** For each new segment, by its number, the old one that it continues; undefined for a new one. */
  readonly matches: readonly (SegmentMatch | undefined)[];
  /** Ids of the old segments that none continues, ascending. */
  readonly retired: readonly string[];
}

/** Costs are rounded to whole billionths before they are assigned, so that the solver's arithmetic is exact. */
const COST_UNITS = 1e9;

/**
 * Decides which new segment is which old one: the one-to-one assignment that saves most against `limit`, where a
 * pair costs `(1 - w) * d / (1 + d) + w * (1 - J)`, d being the distance of the centroids in the old model's scaled
 * units (over the features that both models have and that varied in the old one) and J the Jaccard index of the
 * members.
 *
 * Source: H. W. Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics Quarterly 2, 1955,
 * as the package munkres implements it. Two assignments that save the same are resolved the same way every time.
 *
 * @throws SegmentationError `input-invalid` for options out of range, a repeated id, or models with no feature in common
 */
export function matchSegments(prior: PriorSegments, next: NewSegments, options: MatchOptions = {}): Matching {
  const { memberWeight = 0.5, limit = 0.5 } = options;
  checkOptions(memberWeight, limit);
  const old = prior.segments.map((segment) => segment.id).sort();
  if (new Set(old).size !== old.length) throw new SegmentationError('input-invalid', 'Two old segments have the same id.');
  const candidates = candidatePairs(prior, next, old, memberWeight);
  const matches = new Array<SegmentMatch | undefined>(next.model.centroids.length).fill(undefined);
  for (const [segment, place] of assignPairs(candidates, limit)) matches[segment] = candidates[segment]?.[place];
  const kept = new Set(matches.map((match) => match?.id));
  return { matches, retired: old.filter((id) => !kept.has(id)) };
}

/** Written so that a NaN is refused too. */
function checkOptions(memberWeight: number, limit: number): void {
  if (memberWeight >= 0 && memberWeight <= 1 && limit > 0 && limit <= 1) return;
  throw new SegmentationError('input-invalid', 'memberWeight must lie from 0 to 1, limit above 0 up to 1.');
}

/** Costs capped at the limit make a hopeless pair as good as no pair, so that it can never push out a good one. */
function assignPairs(candidates: readonly (readonly SegmentMatch[])[], limit: number): [number, number][] {
  if (candidates.length === 0 || candidates[0]?.length === 0) return [];
  const cap = Math.round(limit * COST_UNITS);
  const costs = candidates.map((row) => row.map(({ cost }) => Math.min(cap, Math.round(cost * COST_UNITS))));
  return munkres(costs).filter(([segment, place]) => at(costs[segment] ?? [], place) < cap);
}

function candidatePairs(prior: PriorSegments, next: NewSegments, old: readonly string[], memberWeight: number): SegmentMatch[][] {
  const distances = centroidDistances(prior, next.model);
  const shared = sharedMembers(prior, next, old);
  return next.model.centroids.map((_, segment) =>
    old.map((id) => {
      const distance = distances.get(id)?.[segment] ?? Infinity;
      const apart = distance / (1 + distance);
      const jaccard = shared?.(segment, id);
      if (jaccard === undefined) return { id, cost: apart, distance };
      return { id, cost: (1 - memberWeight) * apart + memberWeight * (1 - jaccard), distance, shared: jaccard };
    }),
  );
}

/** Distances of every old centroid to every new one. Both scalers are linear in the signed logarithm, which is where they meet. */
function centroidDistances(prior: PriorSegments, model: Model): Map<string, number[]> {
  const common = prior.features.flatMap((name, before) => {
    const after = model.features.indexOf(name);
    return after < 0 ? [] : [{ before, after }];
  });
  if (common.length === 0) throw new SegmentationError('input-invalid', 'The two models have no feature in common.');
  const varied = common.filter(({ before }) => at(prior.scaler.deviations, before) > 0);
  const inOldUnits = model.centroids.map((centroid) => varied.map((columns) => convert(centroid, columns, prior.scaler, model.scaler)));
  return new Map(
    prior.segments.map(({ id, centroid }) => {
      const place = varied.map(({ before }) => at(centroid, before));
      return [id, inOldUnits.map((other) => rootMeanSquare(place.map((value, i) => value - at(other, i))))];
    }),
  );
}

function convert(centroid: readonly number[], columns: { before: number; after: number }, from: Scaler, to: Scaler): number {
  const log = at(centroid, columns.after) * at(to.deviations, columns.after) + at(to.means, columns.after);
  return (log - at(from.means, columns.before)) / at(from.deviations, columns.before);
}

function rootMeanSquare(values: readonly number[]): number {
  if (values.length === 0) return 0;
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

/** The Jaccard index of a new and an old segment over the customers that both divisions know; undefined if there are none. */
function sharedMembers(
  { segmentOf }: PriorSegments,
  { ids, labels, model }: NewSegments,
  old: readonly string[],
): ((segment: number, id: string) => number) | undefined {
  const both = new Map(old.map((id) => [id, new Uint32Array(model.centroids.length)]));
  const inNew = new Uint32Array(model.centroids.length);
  ids.forEach((customer, row) => {
    const counts = both.get(segmentOf?.(customer) ?? '');
    if (!counts) return;
    const label = at(labels, row);
    counts[label] = at(counts, label) + 1;
    inNew[label] = at(inNew, label) + 1;
  });
  if (inNew.every((count) => count === 0)) return undefined;
  return (segment, id) => {
    const counts = both.get(id) ?? new Uint32Array(0);
    const intersection = at(counts, segment);
    const union = at(inNew, segment) + counts.reduce((sum, count) => sum + count, 0) - intersection;
    return union === 0 ? 0 : intersection / union;
  };
}
