import { calendarDate, code, department, direction, medium } from '@annals/contracts';
import { waitFor } from '@annals/read-models';
import { z } from 'zod';

const DAY_MS = 86_400_000;
const MOST_DAYS = 366;

/** What a report is grouped by. */
export const GROUPINGS = ['day', 'medium', 'purpose', 'department', 'direction'] as const;

const daysOf = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;

/** `GET /reports/operations` */
export const reportQuery = z
  .strictObject({
    /** The first day, as days are where the deployment is. */
    from: calendarDate(),
    /** The last day, included: at most 366 days. */
    to: calendarDate(),
    department: department().optional(),
    medium: medium.optional(),
    purpose: code().optional(),
    direction: direction.optional(),
    by: z.enum(GROUPINGS).optional(),
    waitFor,
  })
  .refine(({ from, to }) => daysOf(from, to) >= 1 && daysOf(from, to) <= MOST_DAYS, { path: ['to'], error: 'is not from the first day to the 366th' });

/** `reportQuery` parsed. */
export type ReportQuery = z.infer<typeof reportQuery>;
