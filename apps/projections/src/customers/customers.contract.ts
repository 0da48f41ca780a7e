import { code, country, currency, department, instant, publicText, textWithin, uuid } from '@annals/contracts';
import { waitFor } from '@annals/read-models';
import { z } from 'zod';

import { ANY, cursorOf, cursorText, isCursorBy, NUMBER, UUID } from '../keyset.js';
import { SORTS, type CustomersList } from './customers.queries.js';
import { searchForm } from './search-forms.js';

const NOT_A_REFERENCE = 'is not <system>:<id>';
const NEEDS_CURRENCY = 'is needed where customers are chosen or ordered by what they were billed';
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const minor = z.coerce.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);

const filters = {
  /** Customers of this department and those below it, and what these had to do with them. */
  department: department().optional(),
  /** A staff id: who looks after the customer in any role. */
  assignee: publicText(200).optional(),
  tag: publicText(100).optional(),
  country: country().optional(),
  segment: uuid().optional(),
  /** `<system>:<id>`: the system's code, and the customer's id in that system. */
  reference: textWithin(300)
    .refine((text) => code().safeParse(text.split(':')[0]).success && text.includes(':') && !text.endsWith(':'), { error: NOT_A_REFERENCE })
    .optional(),
  /** At or after this instant. */
  lastContactAfter: instant().optional(),
  /** Before this instant. Who was never in contact has no last contact. */
  lastContactBefore: instant().optional(),
  /** Of `billedFrom`, `billedTo` and `sort=billed`. */
  currency: currency().optional(),
  /** In minor units: this much or more. */
  billedFrom: minor.optional(),
  /** In minor units: less than this. */
  billedTo: minor.optional(),
  sort: z.enum(SORTS).default('name'),
  /** Names from the first, all else from the latest or highest, unless this says otherwise. */
  order: z.enum(['asc', 'desc']).optional(),
};

type Filters = z.infer<ReturnType<typeof z.strictObject<typeof filters>>>;

const needsCurrency = ({ currency: given, sort, billedFrom, billedTo }: Partial<Filters>): boolean =>
  given !== undefined || (sort !== 'billed' && billedFrom === undefined && billedTo === undefined);

/** `GET /customers` */
export const listQuery = z
  .strictObject({
    ...filters,
    /** Whether to count them too. */
    count: flag.default(false),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: cursorText.optional(),
    waitFor,
  })
  .refine(needsCurrency, { path: ['currency'], error: NEEDS_CURRENCY })
  .refine(({ cursor, sort }) => cursor === undefined || isCursorBy(sort === 'name' ? [UUID] : [NUMBER, UUID], cursor), {
    path: ['cursor'],
    error: 'is not a cursor that this route gave',
  });

/** `GET /customers/export` */
export const exportQuery = z
  .strictObject({
    ...filters,
    /** Whether the file begins with a byte order mark, by which Excel knows UTF-8. */
    bom: flag.default(false),
    waitFor,
  })
  .refine(needsCurrency, { path: ['currency'], error: NEEDS_CURRENCY });

/** `POST /customers/search`: what is personal is in no URL. */
export const searchBody = z
  .strictObject({
    /** How a name of the customer begins, as a whole, from one of its words on, or by family name; without case and accents. */
    name: textWithin(300).refine((text) => searchForm(text) !== '', { error: 'holds nothing to search for' }).optional(),
    /** A contact point of the customer, in any way of writing it; `country` is where a national phone number belongs. */
    contactPoint: z.strictObject({ kind: code(), value: textWithin(500), country: country().optional() }).optional(),
    department: department().optional(),
    limit: z.int().min(1).max(200).default(50),
    cursor: cursorOf(ANY, UUID).optional(),
    waitFor,
  })
  .refine(({ name, contactPoint }) => name !== undefined || contactPoint !== undefined, { path: ['name'], error: 'or contactPoint is needed' });

const time = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));

/** The list that a query asks for. */
export function listOf(query: Filters): CustomersList {
  const { department: of, assignee, tag, country: from, segment, currency: unit, billedFrom, billedTo, sort, order, reference } = query;
  const cut = reference?.indexOf(':') ?? -1;
  const filter = {
    department: of,
    assignee,
    tag,
    country: from,
    segment,
    currency: unit,
    billedFrom,
    billedTo,
    lastContactAfter: time(query.lastContactAfter),
    lastContactBefore: time(query.lastContactBefore),
    reference: reference === undefined ? undefined : { system: reference.slice(0, cut), id: reference.slice(cut + 1) },
  };
  return { filter, sort, order: order ?? (sort === 'name' ? 'asc' : 'desc') };
}
