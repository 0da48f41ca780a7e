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

/** The rows of a list, without their order. */
function addMatching(statement: Statement, scope: Scope, { filter, sort }: CustomersList): Statement {
  const roots = rootsOf(narrowed(scope, filter.department));
  const [only] = roots;
  const isOne = roots.length === 1;
  if (isOne) statement.add('from listed l');
  else statement.add(LISTED_IN_SEVERAL, roots);
  const isBilled = sort === 'billed' || filter.billedFrom !== undefined || filter.billedTo !== undefined;
  if (isBilled && isOne) statement.add(' join billed b on b.path = l.path and b.customer = l.customer and b.count > 0 and b.path = ? and b.currency = ?', only, filter.currency);
  else if (isBilled) statement.add(BILLED_IN_SEVERAL, roots, filter.currency);
  statement.add(' where l.department is not null');
  if (isOne) statement.add(' and l.path = ?', only);
  return addFilter(statement, filter);
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
  const statement = summariesOf(narrowed(scope, list.filter.department), (page) => {
    page.add(`select l.customer, ${KEYS[list.sort]} as key `);
    addMatching(page, scope, list);
    if (cursor !== undefined) addCursor(page, scope, { list, cursor, isAscending });
    const direction = isAscending ? 'asc' : 'desc';
    page.add(` order by ${KEYS[list.sort]} ${direction}, l.customer ${direction} limit ?`, limit + 1);
  }).add(isAscending ? ' order by p.key, p.customer' : ' order by p.key desc, p.customer desc');
  const found = await reader.query<SummaryRow>(UNNAMED, statement.text, statement.values);
  const page = slice(found, limit, cursor, ({ key, customer }) => (list.sort === 'name' ? [customer] : [key, customer]));
  return { ...page, rows: page.rows.map(summaryOf) };
}

/** A cursor is part of a URL, so it names no name: where a list is by name, that is looked up. */
function addCursor(page: Statement, scope: Scope, { list, cursor, isAscending }: { list: CustomersList; cursor: Cursor; isAscending: boolean }): void {
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
  addMatching(statement, scope, list).add(' limit ?) c', MOST_COUNTED + 1);
  const [row] = await reader.query<{ n: number }>(UNNAMED, statement.text, statement.values);
  const counted = row?.n ?? 0;
  return { value: Math.min(counted, MOST_COUNTED), more: counted > MOST_COUNTED };
}
