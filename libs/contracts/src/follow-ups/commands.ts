import type { z } from 'zod';

import { commandBase } from '../envelope.js';
import { strict } from '../schema-walk.js';
import { timeZone, uuid } from '../text.js';
import { followUpCancelled, followUpCompleted, followUpPostponed, followUpReassigned, followUpScheduled } from './events.js';

/** `POST /follow-ups` */
export const scheduleFollowUp = strict(followUpScheduled.extend({ ...commandBase, id: uuid().optional(), zone: timeZone().optional() }));

/** `POST /follow-ups/:id/assignment` */
export const reassignFollowUp = strict(followUpReassigned.extend(commandBase));

/** `POST /follow-ups/:id/postponement` */
export const postponeFollowUp = strict(followUpPostponed.extend({ ...commandBase, zone: timeZone().optional() }));

/** `POST /follow-ups/:id/completion` */
export const completeFollowUp = strict(followUpCompleted.extend(commandBase));

/** `POST /follow-ups/:id/cancellation` */
export const cancelFollowUp = strict(followUpCancelled.extend(commandBase));

/** `scheduleFollowUp` parsed. */
export type ScheduleFollowUp = z.infer<typeof scheduleFollowUp>;
/** `reassignFollowUp` parsed. */
export type ReassignFollowUp = z.infer<typeof reassignFollowUp>;
/** `postponeFollowUp` parsed. */
export type PostponeFollowUp = z.infer<typeof postponeFollowUp>;
/** `completeFollowUp` parsed. */
export type CompleteFollowUp = z.infer<typeof completeFollowUp>;
/** `cancelFollowUp` parsed. */
export type CancelFollowUp = z.infer<typeof cancelFollowUp>;
