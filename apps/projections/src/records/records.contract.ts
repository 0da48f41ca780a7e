import { code, country, department, instant, publicText, textWithin, uuid } from '@annals/contracts';
import { waitFor } from '@annals/read-models';
import { z } from 'zod';

import { cursorOf, NUMBER, UUID } from '../keyset.js';

/** `true` or `false`. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** What lists of all records are narrowed by. */
export const filters = {
  /** Records of this department and those below it. */
  department: department().optional(),
  /** At or after this instant. */
  from: instant().optional(),
  /** Before this instant. */
  to: instant().optional(),
  /** `<system>:<id>`: the record in another system. */
  reference: textWithin(300)
    .refine((text) => code().safeParse(text.split(':')[0]).success && text.includes(':') && !text.endsWith(':'), { error: 'is not <system>:<id>' })
    .optional(),
  /** Whether any customer is known whom it concerns: `none` are those for whom one is to be found. */
  subject: z.enum(['none', 'any']).optional(),
  /** A customer whom it concerns. */
  customer: uuid().optional(),
  /** A staff id: who looks after a customer whom it concerns, in any role. */
  assignee: publicText(200).optional(),
  /** Of a customer whom it concerns, as country and segment are. */
  tag: publicText(100).optional(),
  country: country().optional(),
  segment: uuid().optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
};

/** How a list is turned over. */
export const pages = {
  /** Whether to count them too. */
  count: flag.default(false),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: cursorOf(NUMBER, UUID).optional(),
  waitFor,
};

/** How a list is exported. */
export const exported = {
  /** Whether the file begins with a byte order mark, by which Excel knows UTF-8. */
  bom: flag.default(false),
  waitFor,
};

type Filters = z.infer<ReturnType<typeof z.strictObject<typeof filters>>>;

/** The parts of a filter that all records have in common. */
export function commonFilter({ from, to, subject, order: _, ...rest }: Filters) {
  const time = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));
  return { ...rest, from: time(from), to: time(to), concerns: subject && subject === 'any' };
}
