import { z } from 'zod';

import { subjectRef } from '../communications/events.js';
import { department, instant, personalText, publicText, reason, timeZoneName, uuid } from '../text.js';

/** Who is to do it: one of the staff, or whoever of a department takes it. */
export const assignee = z.union([z.object({ staffId: publicText(200) }), z.object({ department: department() })], {
  error: 'is not {staffId} or {department}',
});

/** Something is to be done by a time: call back, send, ask. */
export const followUpScheduled = z.object({
  assignee,
  dueAt: instant(),
  /** Where `dueAt` was meant: the zone in which to show it. */
  zone: timeZoneName().optional(),
  /** The record that it is about, where that is known. */
  subject: subjectRef.optional(),
  /** The communication that gave rise to it. */
  communication: uuid().optional(),
  text: personalText(4_000),
});

/** Somebody else is to do it. */
export const followUpReassigned = z.object({ assignee, reason: reason().optional() });

/** It is due at another time; earlier is legal too. */
export const followUpPostponed = z.object({ dueAt: instant(), zone: timeZoneName().optional(), reason: reason().optional() });

/** It is done; `communication` is the one by which. */
export const followUpCompleted = z.object({ outcome: personalText(4_000).optional(), communication: uuid().optional() });

/** It need not be done any more. */
export const followUpCancelled = z.object({ reason: reason() });
