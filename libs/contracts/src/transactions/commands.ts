import { z } from 'zod';

import { commandBase } from '../envelope.js';
import { strict } from '../schema-walk.js';
import { uuid } from '../text.js';
import { party, transactionCancelled, transactionRecorded } from './events.js';

/** `POST /transactions` */
export const recordTransaction = strict(
  transactionRecorded.extend({ ...commandBase, id: uuid().optional(), parties: z.array(party).max(20).default([]) }),
);

/** `POST /transactions/:id/cancellation` */
export const cancelTransaction = strict(transactionCancelled.extend(commandBase));

/** `recordTransaction` parsed. */
export type RecordTransaction = z.infer<typeof recordTransaction>;
/** `cancelTransaction` parsed. */
export type CancelTransaction = z.infer<typeof cancelTransaction>;
