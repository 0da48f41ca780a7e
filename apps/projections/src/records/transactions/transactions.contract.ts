import { currency, publicText, transactionRecorded } from '@annals/contracts';
import { z } from 'zod';

import { commonFilter, exported, filters, flag, pages } from '../records.contract.js';
import { SORTS, type RecordsList } from '../records.queries.js';

const minor = z.coerce.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);

const own = {
  ...filters,
  kind: transactionRecorded.shape.kind.optional(),
  number: publicText(100).optional(),
  cancelled: flag.optional(),
  /** Needed with `totalFrom`, `totalTo` and `sort=total`: amounts in two currencies are not compared. */
  currency: currency().optional(),
  /** In minor units: this much or more. */
  totalFrom: minor.optional(),
  /** In minor units: less than this. */
  totalTo: minor.optional(),
  sort: z.enum(SORTS).default('time'),
};
type Own = z.infer<ReturnType<typeof z.strictObject<typeof own>>>;

const comparesOneCurrency = ({ currency: given, sort, totalFrom, totalTo }: Own): boolean =>
  given !== undefined || (sort === 'time' && totalFrom === undefined && totalTo === undefined);
const needsCurrency = { path: ['currency'], error: 'is needed where transactions are chosen or ordered by their total' };

/** `GET /transactions` */
export const transactionsQuery = z.strictObject({ ...own, ...pages }).refine(comparesOneCurrency, needsCurrency);

/** `GET /transactions/export` */
export const transactionsExport = z.strictObject({ ...own, ...exported }).refine(comparesOneCurrency, needsCurrency);

/** The list that a query asks for. */
export function transactionsOf(query: Own): RecordsList {
  const { kind, number, cancelled, currency: unit, totalFrom, totalTo, sort, order } = query;
  const { department, reference, customer, assignee, tag, country, segment, from, to, concerns } = commonFilter(query);
  const filter = { department, reference, customer, assignee, tag, country, segment, from, to, concerns, kind, number, cancelled, currency: unit, totalFrom, totalTo };
  return { category: 'transaction', sort, order, filter };
}
