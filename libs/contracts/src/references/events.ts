import { z } from 'zod';

import { code, uuid } from '../text.js';

/** An external reference is taken for a record; on `reference-<uuid of category, system and id>`. */
export const referenceClaimed = z.object({ category: code(), target: uuid() });

/** The claim is given up. */
export const referenceReleased = z.object({ category: code(), target: uuid() });
