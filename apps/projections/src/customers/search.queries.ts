import type { CustomerSummary, Scope } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import { slice, type Cursor, type Slice } from '../keyset.js';
import { patternsOf } from '../scope.js';
import { UNNAMED, type Statement } from '../statement.js';
import { summariesOf, summaryOf, type SummaryRow } from './customers.queries.js';
import { searchForm } from './search-forms.js';

/** Whom a search looks for. */
export interface CustomersSearch {
  /** How a name begins. */
  readonly name: string | undefined;
  /** Contact points as they are kept, of which the customer has one. */
  readonly digests: readonly string[] | undefined;
}

/** Above every text that begins with the prefix, in the order of bytes. */
const LAST_CHARACTER = '\u{10ffff}';
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The departments that have customers, each found by one step in the index. */
const DEPARTMENTS = `with recursive d(department) as (
    (select n.department from name n order by n.department limit 1) union all
    select (select n.department from name n where n.department > d.department order by n.department limit 1) from d where d.department is not null)
  select f.customer, f.name as key from d cross join lateral (`;
/** A customer that several of its names find is shown once, under the first of them. */
const NAMED = `select n.name, n.customer from name n where n.department = d.department
  and not exists (select from name o where o.customer = n.customer and o.name >= ? and o.name < n.name)`;
const REACHED = ' and exists (select from point o where o.customer = n.customer and o.digest = any(?::uuid[]))';
const WITHIN = ') f where d.department like any(?)';

/** Customers of whose names one begins as asked for and who have the contact point: in order of that name, or of their ids. */
export async function searchCustomers(
  reader: ReadModelReader,
  scope: Scope,
  { search, limit, cursor }: { readonly search: CustomersSearch; readonly limit: number; readonly cursor: Cursor | undefined },
): Promise<Slice<CustomerSummary>> {
  const isBack = cursor?.to === 'previous';
  const direction = isBack ? 'desc' : 'asc';
  const statement = summariesOf(scope, (page) => {
    if (search.name === undefined) addReached(page, scope, { digests: search.digests ?? [], cursor });
    else addNamed(page, scope, { name: search.name, digests: search.digests, limit, cursor });
    page.add(` order by key ${direction}, customer ${direction} limit ?`, limit + 1);
  }).add(isBack ? ' order by p.key desc, p.customer desc' : ' order by p.key, p.customer');
  const found = await reader.query<SummaryRow>(UNNAMED, statement.text, statement.values);
  const page = slice(found, limit, cursor, ({ key, customer }) => [key, customer]);
  return { ...page, rows: page.rows.map(summaryOf) };
}

interface Named extends CustomersSearch {
  readonly name: string;
  readonly limit: number;
  readonly cursor: Cursor | undefined;
}

/** In each department for itself, so that a name that many others have is not searched for among them all. */
function addNamed(page: Statement, scope: Scope, { name, digests, limit, cursor }: Named): void {
  const prefix = searchForm(name);
  page.add(DEPARTMENTS).add(NAMED, prefix).addIf(digests, REACHED);
  addNames(page, prefix, cursor);
  page.add(cursor?.to === 'previous' ? ' order by n.name desc, n.customer desc limit ?' : ' order by n.name, n.customer limit ?', limit + 1);
  page.add(WITHIN, patternsOf(scope));
}

/** From which name to which. There is one condition at each end: of two, the index begins at one of them, not at the narrower. */
function addNames(page: Statement, prefix: string, cursor: Cursor | undefined): void {
  const isBack = cursor?.to === 'previous';
  if (cursor === undefined || isBack) page.add(' and n.name >= ?', prefix);
  if (!isBack) page.add(' and n.name < ?', prefix + LAST_CHARACTER);
  if (cursor !== undefined) page.add(` and (n.name, n.customer) ${isBack ? '<' : '>'} (?, ?::uuid)`, ...cursor.keys);
}

function addReached(page: Statement, scope: Scope, { digests, cursor }: { digests: readonly string[]; cursor: Cursor | undefined }): void {
  const isBack = cursor?.to === 'previous';
  const [, id = isBack ? LAST_ID : FIRST_ID] = cursor?.keys ?? [];
  page.add("select distinct o.customer, '' as key from point o where o.digest = any(?::uuid[]) and o.department like any(?)", digests, patternsOf(scope));
  page.add(isBack ? ' and o.customer < ?::uuid' : ' and o.customer > ?::uuid', id);
}
