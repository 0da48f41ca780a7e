import { z } from 'zod';

import { calendarDate, publicText, timeZoneName } from '../text.js';

/** How many communications, and where they are listed. */
const counted = z.object({
  count: z.int(),
  /** Path and query of the list that holds exactly these. */
  items: publicText(2_000),
});

/** How long something took: null where nothing did. */
const taken = counted.extend({ meanMs: z.int().nullable(), p50Ms: z.int().nullable(), p90Ms: z.int().nullable() });

/** What communications of a group come to. What staff retracted, as recorded by mistake, is in no figure; what its sender recalled is. */
export const operationsFigures = counted.extend({
  /** Inbound calls, by whether somebody took them; those of which that is not known are in neither. */
  calls: z.object({
    answered: counted,
    missed: counted,
    /** From the call's beginning to its answer, where both are known. */
    timeToAnswer: taken,
  }),
  /**
   * A wait begins with the first inbound communication of a conversation, and with the first after an outbound one;
   * it ends with the next outbound one of the conversation, whenever that was. It counts where it begins. Of a
   * conversation counts what lies within the caller's departments.
   */
  firstResponse: z.object({
    answered: taken,
    /** Waits that have not ended. */
    open: counted,
  }),
});

/** `operationsFigures` parsed. */
export type OperationsFigures = z.infer<typeof operationsFigures>;

/** `GET /reports/operations` */
export const operationsReport = z.object({
  from: calendarDate(),
  /** The last day, included. */
  to: calendarDate(),
  /** Where days begin. */
  zone: timeZoneName(),
  total: operationsFigures,
  /** The most frequent first; days in order. A department's figures hold those of the departments below it. */
  groups: z.array(z.object({ key: publicText(200), figures: operationsFigures })),
  /** Whether there are more groups than are shown. */
  more: z.boolean(),
});

/** `operationsReport` parsed. */
export type OperationsReport = z.infer<typeof operationsReport>;
