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

/** `POST /transactions/:id/parties` */
export const attributeTransaction = strict(party.extend(commandBase));

/** `POST /transactions/:id/parties/removals` */
export const unattributeTransaction = strict(party.extend(commandBase));

/** A line of `POST /transactions/changes/batch`: the transaction, which change it is, and that command's own fields. */
const line = <Change extends string, Shape extends z.ZodRawShape>(change: Change, command: z.ZodObject<Shape>) =>
  command.extend({ transaction: uuid(), change: z.literal(change) });

/** `POST /transactions/changes/batch`: any change of any transaction, named by the last part of its own route. */
export const changeTransaction = z.discriminatedUnion(
  'change',
  [line('cancellation', cancelTransaction), line('parties', attributeTransaction), line('parties/removals', unattributeTransaction)],
  { error: 'is no change of a transaction: see the last parts of the routes under /transactions/:id' },
);

/** `recordTransaction` parsed. */
export type RecordTransaction = z.infer<typeof recordTransaction>;
/** `cancelTransaction` parsed. */
export type CancelTransaction = z.infer<typeof cancelTransaction>;
/** `attributeTransaction` parsed. */
export type AttributeTransaction = z.infer<typeof attributeTransaction>;
/** `unattributeTransaction` parsed. */
export type UnattributeTransaction = z.infer<typeof unattributeTransaction>;
/** `changeTransaction` parsed. */
export type ChangeTransaction = z.infer<typeof changeTransaction>;
