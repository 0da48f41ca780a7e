import { z } from 'zod';

import { code, instant, publicText, timeZoneName, uuid } from '../text.js';

/** A place in the log. */
export const place = z.object({ logId: uuid(), position: z.int().min(0), eventId: uuid().nullable() });

/** A way of dividing customers; on `segmentation-<uuid>`. */
export const segmentationCreated = z.object({ name: publicText(100), k: z.int().min(1).max(50) });

/** One segment of a model. Its id outlives retraining; it never comes to mean something else. */
export const trainedSegment = z.object({
  id: uuid(),
  name: z.object({ en: publicText(100), zh: publicText(100) }),
  /** In scaled units, in the order of the model's features. */
  centroid: z.array(z.number()).max(50),
  members: z.int().min(0),
  matched: z.enum(['new', 'kept']),
});

/** A model: all that is needed to assign a customer, and to train it again. */
export const segmentationTrained = z.object({
  model: z.int().min(1),
  features: z.array(code()).min(1).max(50),
  scaler: z.object({ means: z.array(z.number()).max(50), deviations: z.array(z.number()).max(50) }),
  segments: z.array(trainedSegment).min(1).max(50),
  retired: z.array(uuid()).max(50),
  k: z.int().min(1).max(50),
  seed: z.int().min(0),
  starts: z.int().min(1).max(100),
  /** Days before `asOf` that features look back; absent where they span the whole history. */
  windowDays: z.int().min(1).optional(),
  trainedOn: z.int().min(1),
  inertia: z.number(),
  silhouette: z.number(),
  asOf: instant(),
  zone: timeZoneName(),
  trainedAt: place,
});

/** A customer entered, left or changed segments: a decision, on `membership-<customer uuid>`. */
export const segmentMembershipChanged = z.object({
  segmentation: uuid(),
  from: uuid().optional(),
  to: uuid().optional(),
  model: z.int().min(1),
  reason: z.object({
    code: z.enum(['trained', 'features-changed']),
    /** The features' raw values, in the order of the model's features. */
    values: z.array(z.number()).max(50),
    distance: z.number(),
  }),
  cause: uuid().optional(),
});
