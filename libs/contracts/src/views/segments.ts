import { z } from 'zod';

import { code, instant, publicText, uuid } from '../text.js';

/** One segment as `GET /segments` shows it. */
export const segmentView = z.object({
  id: uuid(),
  name: z.object({ en: publicText(100), zh: publicText(100) }),
  /** Null to who does not see every department: memberships have none. */
  members: z.int().nullable(),
  /** The centroid in the features' own units. */
  centroid: z.record(code(), z.number()),
});

/** `GET /segments`: the segmentation, its current model and segments. */
export const segmentsView = z.object({
  segmentation: uuid(),
  model: z.int(),
  trainedAt: instant(),
  trainedOn: z.int(),
  k: z.int(),
  seed: z.int(),
  inertia: z.number(),
  silhouette: z.number(),
  features: z.array(code()),
  segments: z.array(segmentView),
});

/** `segmentsView` parsed. */
export type SegmentsView = z.infer<typeof segmentsView>;

/** One row of `GET /segments/:id/members`. */
export const segmentMember = z.object({ customer: uuid(), since: instant(), model: z.int() });

/** `segmentMember` parsed. */
export type SegmentMember = z.infer<typeof segmentMember>;
