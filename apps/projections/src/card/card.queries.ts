import { CATEGORIES, within, type CustomerCard, type Scope, type SourceCounts } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import type { FollowUpState } from '../follow-ups/follow-up.state.js';
import { patternsOf } from '../scope.js';
import type { TransactionState } from './card.state.js';
import { cardOf, type CardParts, type Stored } from './card.view.js';
import type { CustomerState } from './customer.state.js';

const CUSTOMER = CATEGORIES.indexOf('customer');
const TRANSACTION = CATEGORIES.indexOf('transaction');
const FOLLOW_UP = CATEGORIES.indexOf('followup');
/** How many a card shows; all of them are on the timeline, and in the list of follow-ups. */
const LATEST = 10;
const MOST_FOLLOW_UPS = 50;

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
    where m.customer = $1 and m.department like any($2)) m) as segments,
  (select coalesce(json_agg(json_build_array(b.transaction, s.revision, s.state) order by b.at desc, b.transaction desc), '[]') from (
    select b.transaction, b.at from bought b where b.customer = $1 and b.department like any($2)
    order by b.at desc, b.transaction desc limit $5) b join stream_state s on s.id = b.transaction and s.category = $4) as transactions,
  (select coalesce(json_agg(json_build_array(f.id, s.revision, s.state) order by f.due_at, f.id), '[]') from (
    select f.id, f.due_at from followup f where f.customer = $1 and f.is_open and f.department like any($2)
    order by f.due_at, f.id limit $7) f join stream_state s on s.id = f.id and s.category = $6) as "followUps"`;

type Texts = readonly (readonly [id: string, revision: number, state: string])[];

interface CardRow extends Pick<CardParts, 'figures' | 'segments'> {
  readonly customer: readonly [revision: number, state: string] | null;
  readonly transactions: Texts;
  readonly followUps: Texts;
}

/** A customer's card, or undefined where nothing within the scope is known of it. What others know changes nothing. */
export async function findCard(reader: ReadModelReader, scope: Scope, id: string): Promise<CustomerCard | undefined> {
  const values = [id, patternsOf(scope), CUSTOMER, TRANSACTION, LATEST, FOLLOW_UP, MOST_FOLLOW_UPS];
  const [row] = await reader.query<CardRow>('card', CARD, values);
  if (row === undefined) return undefined;
  const parts: CardParts = {
    ...row,
    customer: customerWithin(scope, row.customer),
    transactions: row.transactions.map(stored<TransactionState>),
    followUps: row.followUps.map(stored<FollowUpState>),
  };
  return isVisible(parts) ? cardOf(id, parts) : undefined;
}

/** The customer's own record; of one out of scope is told no more than of one that is not registered yet. */
function customerWithin(scope: Scope, found: CardRow['customer']): CardParts['customer'] {
  if (found === null) return null;
  const [revision, text] = found;
  const state = customerState(text);
  return within(scope, state.department) ? { revision, state } : null;
}

function isVisible({ customer, figures, segments, transactions, followUps }: CardParts): boolean {
  return customer !== null || figures.length + segments.length + transactions.length + followUps.length > 0;
}

/** The text was written by foldStreams, from a CustomerState. */
export const customerState = (text: string): CustomerState => JSON.parse(text) as CustomerState;

// The query names the category of stream, and with it what its state is.
const stored = <State>([id, revision, text]: Texts[number]): Stored<State> => ({ id, revision, state: JSON.parse(text) as State });

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
