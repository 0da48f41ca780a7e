import { code, direction, medium, uuid } from '@annals/contracts';
import { z } from 'zod';

import { commonFilter, exported, filters, flag, pages } from '../records.contract.js';
import type { RecordsList } from '../records.queries.js';

const milliseconds = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const own = {
  ...filters,
  medium: medium.optional(),
  platform: code().optional(),
  direction: direction.optional(),
  purpose: code().optional(),
  disposition: code().optional(),
  /** The communications of one conversation, as a row names it. */
  conversation: uuid().optional(),
  /** Inbound calls that were answered, or that were `missed`: their disposition is missed, no-answer, busy, abandoned or voicemail. */
  call: z.enum(['answered', 'missed']).optional(),
  /** Inbound calls that were answered after so many milliseconds or more. */
  answerFrom: milliseconds.optional(),
  /** After fewer than so many milliseconds. */
  answerTo: milliseconds.optional(),
  /** Communications by which a wait began, as the operations report counts them, by whether it has ended. */
  response: z.enum(['answered', 'open']).optional(),
  /** Whether staff retracted it, as recorded by mistake: reports count those alone where this is false. */
  mistaken: flag.optional(),
};
type Own = z.infer<ReturnType<typeof z.strictObject<typeof own>>>;

/** `GET /communications` */
export const communicationsQuery = z.strictObject({ ...own, ...pages });

/** `GET /communications/export` */
export const communicationsExport = z.strictObject({ ...own, ...exported });

/** The list that a query asks for. */
export function communicationsOf(query: Own): RecordsList {
  const { medium: on, platform, direction: way, purpose, disposition, conversation, call, answerFrom, answerTo, response, mistaken, order } = query;
  const { department, reference, customer, assignee, tag, country, segment, from, to, concerns } = commonFilter(query);
  return {
    category: 'communication',
    sort: 'time',
    order,
    filter: {
      department, reference, customer, assignee, tag, country, segment, from, to, concerns,
      medium: on, platform, direction: way, purpose, disposition, conversation, call, answerFrom, answerTo, response, mistaken,
    },
  };
}
