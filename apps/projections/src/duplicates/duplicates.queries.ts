import type { CustomerSummary, PossibleDuplicate, Scope } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import { summariesOf, summaryOf, type SummaryRow } from '../customers/customers.queries.js';
import { slice, type Cursor, type Slice } from '../keyset.js';
import { patternsOf } from '../scope.js';
import { Statement, UNNAMED } from '../statement.js';
import { MANY } from './duplicates.table.js';
import { likenessOf } from './likeness.js';

/** Up to here it is counted how many share something. */
const MOST_COUNTED = 1_000;
/** How many of those are shown. */
const MOST_SHOWN = 5;

/** The pairs of departments that there are, each found by one step in the index. */
const DEPARTMENTS = `with recursive d(department, other) as (
    (select a.department, a.other_department from alike a order by a.department, a.other_department limit 1)
    union all select n.department, n.other_department from d cross join lateral (
      select a.department, a.other_department from alike a where (a.department, a.other_department) > (d.department, d.other)
      order by a.department, a.other_department limit 1) n),
  visible as materialized (select d.department, d.other from d where d.department like any(?) and d.other like any(?))
  select distinct f.one, f.other from visible d cross join lateral (
    select distinct a.one, a.other from alike a where a.department = d.department and a.other_department = d.other and not a.dismissed`;
/** What many share is shown where two of them are within the scope: in two departments or in one. */
const TWO_OF_MANY = ` and (a.other <> ? or exists (select from alike b where b.digest = a.digest and b.department <> a.department and b.department like any(?))
    or 1 < (select count(*) from (select from point p where p.digest = a.digest and p.department = a.department limit 2) p))`;

interface Found {
  readonly one: string;
  readonly other: string;
}

async function findPage(reader: ReadModelReader, scope: Scope, limit: number, cursor: Cursor | undefined): Promise<Found[]> {
  const patterns = patternsOf(scope);
  const isBack = cursor?.to === 'previous';
  const statement = new Statement().add(DEPARTMENTS, patterns, patterns).add(TWO_OF_MANY, MANY, patterns);
  if (cursor !== undefined) statement.add(` and (a.one, a.other) ${isBack ? '<' : '>'} (?::uuid, ?::uuid)`, ...cursor.keys);
  statement.add(isBack ? ' order by a.one desc, a.other desc limit ?) f order by f.one desc, f.other desc limit ?' : ' order by a.one, a.other limit ?) f order by f.one, f.other limit ?', limit + 1, limit + 1);
  return await reader.query<Found>(UNNAMED, statement.text, statement.values);
}

interface Row {
  readonly likenesses: string[];
  readonly since: string | null;
  /** Of what many share: how many of them there are within the scope, and the first. */
  readonly count: number | null;
  readonly customers: string[] | null;
}

const DESCRIBE = `select m.count, m.customers,
    (select array_agg(distinct a.likeness order by a.likeness) from alike a where a.one = k.one and a.other = k.other) as likenesses,
    (select min(a.since) from alike a where a.one = k.one and a.other = k.other) as since
  from unnest($1::uuid[], $2::uuid[]) with ordinality as k(one, other, n)
  left join lateral (select count(*)::integer as count, (array_agg(c.customer order by c.customer))[1:$3] as customers from (
    select p.customer from alike b join point p on p.digest = b.digest and p.department = b.department
    where b.one = k.one and b.other = k.other and b.department like any($4) limit $5) c) m on k.other = $6
  order by k.n`;

/** A page of those who may be one, both of a pair within the scope; in order of their ids, which says nothing of anybody. */
export async function findDuplicates(
  reader: ReadModelReader,
  scope: Scope,
  { limit, cursor }: { readonly limit: number; readonly cursor: Cursor | undefined },
): Promise<Slice<PossibleDuplicate>> {
  const page = slice(await findPage(reader, scope, limit, cursor), limit, cursor, ({ one, other }) => [one, other]);
  if (page.rows.length === 0) return { ...page, rows: [] };
  const keys = [page.rows.map(({ one }) => one), page.rows.map(({ other }) => other)];
  const found = await reader.query<Row>('duplicates_describe', DESCRIBE, [...keys, MOST_SHOWN, patternsOf(scope), MOST_COUNTED + 1, MANY]);
  const concerned = page.rows.map(({ one, other }, index) => found[index]?.customers ?? [one, other]);
  const summaries = await summariesAt(reader, scope, [...new Set(concerned.flat())]);
  const rows = concerned.map((ids, index): PossibleDuplicate => {
    const { likenesses = [], count, since = null } = found[index] ?? {};
    return {
      customers: ids.flatMap((id) => summaries.get(id) ?? []),
      count: { value: Math.min(count ?? 2, MOST_COUNTED), more: (count ?? 2) > MOST_COUNTED },
      reasons: likenesses.map(likenessOf),
      since: since === null ? null : new Date(Number(since)).toISOString(),
    };
  });
  return { ...page, rows };
}

async function summariesAt(reader: ReadModelReader, scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, CustomerSummary>> {
  const statement = summariesOf(scope, (page) => page.add('select k.customer, 0 as key from unnest(?::uuid[]) as k(customer)', ids));
  const found = await reader.query<SummaryRow>(UNNAMED, statement.text, statement.values);
  return new Map(found.map((row) => [row.customer, summaryOf(row)]));
}
