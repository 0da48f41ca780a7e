import { CATEGORIES, type CustomerCard, type CustomerSummary, type SourceCounts } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import { slice, type Cursor, type Slice } from '../keyset.js';
import { isWithin, patternsOf, type Scope } from '../scope.js';
import type { CustomerState } from './card.state.js';
import { cardOf, summaryOf, type CardParts } from './card.view.js';
import { searchForm } from './search-forms.js';

const CUSTOMER = CATEGORIES.indexOf('customer');

/** All of a card in one statement, which is one snapshot. */
const CARD = `select
  (select json_build_array(s.revision, s.state) from stream_state s where s.id = $1 and s.category = $3) as customer,
  (select coalesce(json_agg(f order by f.what, f.unit), '[]') from (
    select t.what, t.unit, min(t.department) as department, sum(t.count)::bigint as count, sum(t.amount_minor)::bigint as "amountMinor",
      (select max(c.at) from contact c where t.what = 'communication' and c.customer = $1 and c.medium = t.unit
        and c.department like any($2)) as "lastAt"
    from total t where t.customer = $1 and t.department like any($2) group by t.what, t.unit) f) as figures,
  (select coalesce(json_agg(m order by m.segmentation), '[]') from (
    select m.segmentation, m.segment, json_build_object('en', s.en, 'zh', s.zh) as name, m.since, m.model
    from membership m join segment s on s.id = m.segment
    where m.customer = $1 and m.department like any($2)) m) as segments`;

interface CardRow {
  readonly customer: readonly [revision: number, state: string] | null;
  readonly figures: CardParts['figures'];
  readonly segments: CardParts['segments'];
}

/** A customer's card, or undefined where nothing within the scope is known of it. */
export async function findCard(reader: ReadModelReader, scope: Scope, id: string): Promise<CustomerCard | undefined> {
  const [row] = await reader.query<CardRow>('card', CARD, [id, patternsOf(scope), CUSTOMER]);
  if (row === undefined) return undefined;
  const parts = { ...row, customer: row.customer === null ? null : { revision: row.customer[0], state: customerState(row.customer[1]) } };
  return isVisible(parts, scope) ? cardOf(id, parts) : undefined;
}

function isVisible({ customer, figures, segments }: CardParts, scope: Scope): boolean {
  return customer === null ? figures.length + segments.length > 0 : isWithin(scope, customer.state.department);
}

/** The text was written by foldStreams, from a CustomerState. */
const customerState = (text: string): CustomerState => JSON.parse(text) as CustomerState;

const BY_REFERENCE = `select r.customer, s.state from reference r
  join stream_state s on s.id = r.customer and s.category = $4
  where r.system = $1 and r.id = $2 and r.department like any($3) order by r.customer limit 100`;

interface SummaryRow {
  readonly customer: string;
  readonly state: string;
}

const summary = ({ customer, state }: SummaryRow): CustomerSummary => summaryOf(customer, customerState(state));

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

const COUNTS = `select p.position, f.what, f.unit, f.count, f.amount, f.lines from place p left join (
    select s.what, s.unit, sum(s.count)::bigint as count, sum(s.amount_minor)::bigint as amount, sum(s.lines)::bigint as lines
    from source s where s.system = $1 and s.department like any($2) group by s.what, s.unit) f on true`;

interface CountRow {
  readonly position: string;
  /** Null, with all that follows, where the system has no records. */
  readonly what: string;
  readonly unit: string;
  readonly count: string;
  readonly amount: string;
  readonly lines: string;
}

/** What the records of one source system add up to: as recorded, whatever became of them. */
export async function countSource(reader: ReadModelReader, scope: Scope, system: string): Promise<SourceCounts> {
  const found = await reader.query<CountRow>('card_counts', COUNTS, [system, patternsOf(scope)]);
  const rows = found.filter(({ what }) => what !== null);
  const isRecord = ({ what }: CountRow): boolean => what === 'customer' || what === 'communication';
  const countOf = (of: string): number => rows.filter(({ what }) => what === of).reduce((sum, { count }) => sum + Number(count), 0);
  const position = Number(found[0]?.position ?? 0);
  const transactions = transactionCounts(rows.filter((row) => !isRecord(row)));
  return { system, position, customers: countOf('customer'), communications: countOf('communication'), transactions };
}

function transactionCounts(rows: readonly CountRow[]): NonNullable<SourceCounts['transactions']> {
  const byKind: Record<string, number> = {};
  const totalMinor: Record<string, number> = {};
  for (const { what, unit, count, amount } of rows) {
    byKind[what] = (byKind[what] ?? 0) + Number(count);
    totalMinor[unit] = (totalMinor[unit] ?? 0) + Number(amount);
  }
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return { count: sum(Object.values(byKind)), lines: sum(rows.map(({ lines }) => Number(lines))), byKind, totalMinor };
}
