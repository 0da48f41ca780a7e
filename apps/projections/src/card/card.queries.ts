import { CATEGORIES, type CustomerCard, type CustomerSummary, type SourceCounts } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import { slice, type Cursor, type Slice } from '../keyset.js';
import { isWithin, patternsOf, type Scope } from '../scope.js';
import type { CustomerState } from './card.state.js';
import { cardOf, summaryOf, type FigureView } from './card.view.js';
import { searchForm } from './search-forms.js';

const CUSTOMER = CATEGORIES.indexOf('customer');

/** All of a card in one statement, which is one snapshot. */
const CARD = `select
  (select json_build_array(s.revision, s.state) from stream_state s where s.id = $1 and s.category = $3) as customer,
  (select json_agg(f order by f.what, f.unit) from (
    select t.what, t.unit, min(t.department) as department, sum(t.count)::bigint as count, sum(t.amount_minor)::bigint as "amountMinor",
      (select max(c.at) from contact c where t.what = 'communication' and c.customer = $1 and c.medium = t.unit
        and c.department like any($2)) as "lastAt"
    from total t where t.customer = $1 and t.department like any($2) group by t.what, t.unit) f) as figures,
  (select json_agg(m order by m.segmentation) from (
    select m.segmentation, m.segment, json_build_object('en', s.en, 'zh', s.zh) as name, m.since, m.model
    from membership m join segment s on s.id = m.segment
    where m.customer = $1 and m.department like any($2)) m) as segments`;

interface CardRow {
  readonly customer: readonly [revision: number, state: string] | null;
  readonly figures: FigureView[] | null;
  readonly segments: (Omit<CustomerCard['segments'][number], 'since'> & { readonly since: number })[] | null;
}

/** A customer's card, or undefined where nothing within the scope is known of it. */
export async function findCard(reader: ReadModelReader, scope: Scope, customer: string): Promise<CustomerCard | undefined> {
  const [row] = await reader.query<CardRow>('card', CARD, [customer, patternsOf(scope), CUSTOMER]);
  const stored = row?.customer ?? null;
  // The state was written by foldStreams from a CustomerState.
  const own = stored === null ? null : { revision: stored[0], state: JSON.parse(stored[1]) as CustomerState };
  if (own !== null && !isWithin(scope, own.state.department)) return undefined;
  const figures = row?.figures ?? [];
  const segments = row?.segments ?? [];
  if (own === null && figures.length === 0 && segments.length === 0) return undefined;
  return cardOf(customer, { customer: own, figures, segments });
}

const BY_REFERENCE = `select r.customer, s.state from reference r
  join stream_state s on s.id = r.customer and s.category = $4
  where r.system = $1 and r.id = $2 and r.department like any($3) order by r.customer limit 100`;

interface SummaryRow {
  readonly customer: string;
  readonly state: string;
}

const summary = ({ customer, state }: SummaryRow): CustomerSummary => summaryOf(customer, JSON.parse(state) as CustomerState);

/** The customers with an external reference: one, unless something went wrong in the system that it is of. */
export async function findByReference(
  reader: ReadModelReader,
  scope: Scope,
  reference: { readonly system: string; readonly id: string },
): Promise<CustomerSummary[]> {
  const values = [reference.system, reference.id, patternsOf(scope), CUSTOMER];
  return (await reader.query<SummaryRow>('card_by_reference', BY_REFERENCE, values)).map(summary);
}

/** A customer that several of its names find is shown once, under the first of them. */
const FOUND = `from name n join stream_state s on s.id = n.customer and s.category = $4
  where n.name >= $1 and n.name < $2 and n.department like any($3)
  and not exists (select 1 from name o where o.customer = n.customer and o.name >= $1 and o.name < n.name)`;
const SEARCH = `select n.name, n.customer, s.state ${FOUND} and (n.name, n.customer) > ($5, $6::uuid) order by n.name, n.customer limit $7`;
const SEARCH_BACK = `select n.name, n.customer, s.state ${FOUND} and (n.name, n.customer) < ($5, $6::uuid) order by n.name desc, n.customer desc limit $7`;

/** Above every text that begins with the prefix, in the order of bytes. */
const LAST_CHARACTER = '\u{10ffff}';
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Customers of whose names one begins as asked for, in order of that name. */
export async function findByName(
  reader: ReadModelReader,
  scope: Scope,
  { name, limit, cursor }: { readonly name: string; readonly limit: number; readonly cursor: Cursor | undefined },
): Promise<Slice<CustomerSummary>> {
  const prefix = searchForm(name);
  const [at = '', id = FIRST_ID] = cursor?.keys ?? [];
  const values = [prefix, prefix + LAST_CHARACTER, patternsOf(scope), CUSTOMER, at, id, limit + 1];
  const isBack = cursor?.to === 'previous';
  const found = await reader.query<SummaryRow & { name: string }>(isBack ? 'card_search_back' : 'card_search', isBack ? SEARCH_BACK : SEARCH, values);
  const page = slice(found, limit, cursor, (row) => [row.name, row.customer]);
  return { ...page, rows: page.rows.map(summary) };
}

const COUNTS = `select p.position, s.what, s.unit, sum(s.count)::bigint as count, sum(s.amount_minor)::bigint as amount, sum(s.lines)::bigint as lines
  from place p left join source s on s.system = $1 and s.department like any($2) group by p.position, s.what, s.unit`;

interface CountRow {
  readonly position: string;
  readonly what: string | null;
  readonly unit: string | null;
  readonly count: string;
  readonly amount: string;
  readonly lines: string;
}

/** What the records of one source system add up to: as recorded, whatever became of them. */
export async function countSource(reader: ReadModelReader, scope: Scope, system: string): Promise<SourceCounts> {
  const rows = await reader.query<CountRow>('card_counts', COUNTS, [system, patternsOf(scope)]);
  const counts = { customers: 0, communications: 0, transactions: { count: 0, lines: 0, byKind: {} as Record<string, number>, totalMinor: {} as Record<string, number> } };
  const { transactions } = counts;
  for (const { what, unit, count, amount, lines } of rows) {
    if (what === null || unit === null) continue;
    if (what === 'customer') counts.customers += Number(count);
    else if (what === 'communication') counts.communications += Number(count);
    else {
      transactions.count += Number(count);
      transactions.lines += Number(lines);
      transactions.byKind[what] = (transactions.byKind[what] ?? 0) + Number(count);
      transactions.totalMinor[unit] = (transactions.totalMinor[unit] ?? 0) + Number(amount);
    }
  }
  return { system, position: Number(rows[0]?.position ?? 0), ...counts };
}
