import { z } from 'zod';

import { commandBase } from '../envelope.js';
import { strict } from '../schema-walk.js';

/** `POST /segments/training` */
export const trainSegments = strict(
  z.object({
    ...commandBase,
    k: z.int().min(1).max(50).default(3),
    seed: z.int().min(0).max(2 ** 31 - 1).default(1),
    starts: z.int().min(1).max(100).default(10),
  }),
);

/** `trainSegments` parsed. */
export type TrainSegments = z.infer<typeof trainSegments>;
