import { CATEGORIES, type CustomerSummary, type Scope } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import { customerState } from '../card/card.queries.js';
import { describe } from '../card/card.view.js';
import { slice, type Cursor, type Slice } from '../keyset.js';
import { narrowed, rootsOf } from '../scope.js';
import { Statement, UNNAMED } from '../statement.js';
import { NEVER } from './customers.table.js';

const CUSTOMER = CATEGORIES.indexOf('customer');
/** Up to here a count is exact. */
const MOST_COUNTED = 10_000;

/** What a list of customers is narrowed to; times in milliseconds since the epoch, the end of a range excluded. */
export interface CustomersFilter {
  readonly department?: string | undefined;
  readonly assignee?: string | undefined;
  readonly tag?: string | undefined;
  readonly country?: string | undefined;
  readonly segment?: string | undefined;
  readonly reference?: { readonly system: string; readonly id: string } | undefined;
  readonly lastContactAfter?: number | undefined;
  readonly lastContactBefore?: number | undefined;
  readonly currency?: string | undefined;
  readonly billedFrom?: number | undefined;
  readonly billedTo?: number | undefined;
}

/** What a list is ordered by. */
export const SORTS = ['name', 'last-contact', 'billed', 'registered'] as const;

/** A list of customers: which, and in what order. Ordered by what was billed, it holds those who were, in that currency. */
export interface CustomersList {
  readonly filter: CustomersFilter;
  readonly sort: (typeof SORTS)[number];
  readonly order: 'asc' | 'desc';
}

const KEYS = { name: 'l.name', 'last-contact': 'l.last_at', billed: 'b.amount_minor', registered: 'l.registered_at' } as const;

/** A scope of several paths adds up a customer's rows; only the path above the customer's own department has its profile. */
const LISTED_IN_SEVERAL = `from (select r.customer, max(r.department) as department, max(r.country) as country, max(r.name) as name,
  max(r.registered_at) as registered_at, max(r.last_at) as last_at from listed r where r.path = any(?) group by r.customer) l`;
const BILLED_IN_SEVERAL = ` join (select r.customer, sum(r.amount_minor)::bigint as amount_minor from billed r
  where r.path = any(?) and r.currency = ? group by r.customer having sum(r.count) > 0) b on b.customer = l.customer`;

const isByBilled = ({ filter, sort }: CustomersList): boolean => sort === 'billed' || filter.billedFrom !== undefined || filter.billedTo !== undefined;
const isByContact = ({ filter, sort }: CustomersList): boolean => sort === 'last-contact' || filter.lastContactAfter !== undefined || filter.lastContactBefore !== undefined;

const isOfFew = ({ filter: { tag, assignee, segment, reference } }: CustomersList): boolean => (tag ?? assignee ?? segment ?? reference) !== undefined;

/**
 * How a list is read from its paths: `one`; `summed`, what several have of a customer added up; `all` rows of several at
 * once, where they are found by something else; or a page of `each`, where they are found in the order of the list.
 */
interface Reach {
  readonly roots: readonly string[];
  readonly way: 'one' | 'summed' | 'all' | 'each';
}

function reachOf(scope: Scope, list: CustomersList): Reach {
  const roots = rootsOf(narrowed(scope, list.filter.department));
  if (roots.length === 1) return { roots, way: 'one' };
  if (isByBilled(list) || isByContact(list)) return { roots, way: 'summed' };
  return { roots, way: isOfFew(list) ? 'all' : 'each' };
}

const BILLED_IN_ONE = ' join billed b on b.path = l.path and b.customer = l.customer and b.count > 0 and b.path = ? and b.currency = ?';

/** The rows of a list. */
function addMatching(statement: Statement, { roots, way }: Reach, list: CustomersList): Statement {
  const { currency } = list.filter;
  if (way === 'summed') statement.add(LISTED_IN_SEVERAL, roots);
  else statement.add('from listed l');
  if (isByBilled(list) && way === 'summed') statement.add(BILLED_IN_SEVERAL, roots, currency);
  else if (isByBilled(list)) statement.add(BILLED_IN_ONE, roots[0], currency);
  statement.add(' where l.department is not null');
  if (way === 'one') statement.add(' and l.path = ?', roots[0]);
  if (way === 'all') statement.add(' and l.path = any(?)', roots);
  if (way === 'each') statement.add(' and l.path = root.path');
  return addFilter(statement, list.filter);
}

function addFilter(statement: Statement, filter: CustomersFilter): Statement {
  const { reference } = filter;
  statement
    .addIf(filter.country, ' and l.country = ?')
    .addIf(filter.lastContactAfter, ' and l.last_at >= ?')
    .addIf(filter.tag, ' and exists (select from tagged t where t.customer = l.customer and t.tag = ?)')
    .addIf(filter.assignee, ' and exists (select from assigned a where a.customer = l.customer and a.staff = ?)')
    .addIf(filter.segment, ' and exists (select from membership m where m.customer = l.customer and m.segment = ?)')
    .addIf(filter.billedFrom, ' and b.amount_minor >= ?')
    .addIf(filter.billedTo, ' and b.amount_minor < ?');
  // Who was never in contact has no last contact.
  if (filter.lastContactBefore !== undefined) statement.add(' and l.last_at < ? and l.last_at > ?', filter.lastContactBefore, NEVER);
  if (reference === undefined) return statement;
  return statement.add(' and exists (select from reference r where r.customer = l.customer and r.system = ? and r.id = ?)', reference.system, reference.id);
}

/** What a page shows of its customers: their own records, and figures of the departments within the scope. */
const SUMMARY = `select p.customer, p.key, s.state,
  (select max(l.last_at) from listed l where l.path = any(?) and l.customer = p.customer) as last_at,
  (select coalesce(json_agg(json_build_object('currency', f.currency, 'billedMinor', f.amount) order by f.currency), '[]') from (
    select b.currency, sum(b.amount_minor)::bigint as amount from billed b where b.path = any(?) and b.customer = p.customer
    group by b.currency having sum(b.count) > 0) f) as billed
  from (`;
const OF_PAGE = ') p join stream_state s on s.id = p.customer and s.category = ?';

/** Adds what each customer of a page shows around the statement of that page, which gives `customer` and `key`. */
export function summariesOf(scope: Scope, addPage: (statement: Statement) => void): Statement {
  const roots = rootsOf(scope);
  const statement = new Statement().add(SUMMARY, roots, roots);
  addPage(statement);
  return statement.add(OF_PAGE, CUSTOMER);
}

/** A row of a page as it is read. */
export interface SummaryRow {
  readonly customer: string;
  readonly key: string;
  readonly state: string;
  readonly last_at: string;
  readonly billed: CustomerSummary['billed'];
}

/** One row of a list of customers. */
export function summaryOf({ customer, state, last_at: lastAt, billed }: SummaryRow): CustomerSummary {
  const lastContactAt = Number(lastAt) <= NEVER ? null : new Date(Number(lastAt)).toISOString();
  return { ...describe(customer, customerState(state)), lastContactAt, billed };
}

/** A page of a list of customers. */
export async function listCustomers(
  reader: ReadModelReader,
  scope: Scope,
  { list, limit, cursor }: { readonly list: CustomersList; readonly limit: number; readonly cursor: Cursor | undefined },
): Promise<Slice<CustomerSummary>> {
  const isAscending = (list.order === 'asc') !== (cursor?.to === 'previous');
  const statement = summariesOf(narrowed(scope, list.filter.department), (page) => addPage(page, scope, { list, limit, cursor, isAscending }));
  statement.add(isAscending ? ' order by p.key, p.customer' : ' order by p.key desc, p.customer desc');
  const found = await reader.query<SummaryRow>(UNNAMED, statement.text, statement.values);
  const page = slice(found, limit, cursor, ({ key, customer }) => (list.sort === 'name' ? [customer] : [key, customer]));
  return { ...page, rows: page.rows.map(summaryOf) };
}

interface Page {
  readonly list: CustomersList;
  readonly limit: number;
  readonly cursor: Cursor | undefined;
  readonly isAscending: boolean;
}

/** The customers of a page. Of several paths a page is read from each, and then the first of all of these. */
function addPage(statement: Statement, scope: Scope, page: Page): void {
  const { list, limit, cursor, isAscending } = page;
  const reach = reachOf(scope, list);
  const isEach = reach.way === 'each';
  const direction = isAscending ? 'asc' : 'desc';
  if (isEach) statement.add('select l.customer, l.key from unnest(?::text[]) as root(path) cross join lateral (', reach.roots);
  statement.add(`select l.customer, ${KEYS[list.sort]} as key `);
  addMatching(statement, reach, list);
  if (cursor !== undefined) addCursor(statement, scope, { list, cursor, isAscending });
  statement.add(` order by ${KEYS[list.sort]} ${direction}, l.customer ${direction} limit ?`, limit + 1);
  if (isEach) statement.add(`) l order by l.key ${direction}, l.customer ${direction} limit ?`, limit + 1);
}

/** A cursor is part of a URL, so it names no name: where a list is by name, that is looked up. */
function addCursor(page: Statement, scope: Scope, { list, cursor, isAscending }: Pick<Page, 'list' | 'isAscending'> & { readonly cursor: Cursor }): void {
  const sign = isAscending ? '>' : '<';
  const [first = '', second = ''] = cursor.keys;
  if (list.sort !== 'name') {
    page.add(` and (${KEYS[list.sort]}, l.customer) ${sign} (?::bigint, ?::uuid)`, first, second);
    return;
  }
  const roots = rootsOf(scope);
  page.add(` and (l.name, l.customer) ${sign} ((select n.name from listed n where n.path = any(?) and n.customer = ?::uuid and n.department is not null limit 1), ?::uuid)`, roots, first, first);
}

/** How many customers a list holds: exact up to 10,000. */
export async function countCustomers(reader: ReadModelReader, scope: Scope, list: CustomersList): Promise<{ value: number; more: boolean }> {
  const statement = new Statement().add('select count(*)::int as n from (select 1 ');
  const reach = reachOf(scope, list);
  addMatching(statement, reach.way === 'each' ? { ...reach, way: 'all' } : reach, list).add(' limit ?) c', MOST_COUNTED + 1);
  const [row] = await reader.query<{ n: number }>(UNNAMED, statement.text, statement.values);
  const counted = row?.n ?? 0;
  return { value: Math.min(counted, MOST_COUNTED), more: counted > MOST_COUNTED };
}
