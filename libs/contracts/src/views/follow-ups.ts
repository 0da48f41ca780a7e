import { z } from 'zod';

import { subjectRef } from '../communications/events.js';
import { assignee } from '../follow-ups/events.js';
import { instant, personalText, publicText, timeZoneName, uuid } from '../text.js';

/** One follow-up of `GET /follow-ups`, and on the card of the customer whom it is about. */
export const followUp = z.object({
  id: uuid(),
  department: publicText(200),
  assignee,
  dueAt: instant(),
  /** The zone in which `dueAt` was meant. */
  zone: timeZoneName().nullable(),
  subject: subjectRef.nullable(),
  communication: uuid().nullable(),
  text: personalText(4_000),
  status: z.enum(['open', 'completed', 'cancelled']),
  revision: z.int(),
});

/** `followUp` parsed. */
export type FollowUp = z.infer<typeof followUp>;
