import { CATEGORIES, type Scope } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import { customerState } from '../card/card.queries.js';
import { valueOf, type CustomerState } from '../card/customer.state.js';
import { slice, type Cursor, type Slice } from '../keyset.js';
import { narrowed, patternsOf } from '../scope.js';
import { Statement, UNNAMED } from '../statement.js';

const CUSTOMER = CATEGORIES.indexOf('customer');
/** Up to here a count is exact. */
const MOST_COUNTED = 10_000;

/** What a list is narrowed to; times in milliseconds since the epoch, the end of a range excluded. */
export interface RecordsFilter {
  readonly department?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Whether it concerns any customer. */
  readonly concerns?: boolean | undefined;
  /** Of one customer whom it concerns, who lies within the scope where more is asked for than the id. */
  readonly customer?: string | undefined;
  readonly assignee?: string | undefined;
  readonly tag?: string | undefined;
  readonly country?: string | undefined;
  readonly segment?: string | undefined;
  readonly reference?: string | undefined;
  readonly medium?: string | undefined;
  readonly platform?: string | undefined;
  readonly direction?: string | undefined;
  readonly purpose?: string | undefined;
  readonly disposition?: string | undefined;
  readonly call?: string | undefined;
  readonly conversation?: string | undefined;
  /** Whether it was recorded by mistake: retracted by staff. */
  readonly mistaken?: boolean | undefined;
  /** Of inbound calls: how long until they were answered. */
  readonly answerFrom?: number | undefined;
  readonly answerTo?: number | undefined;
  /** Where a wait began there: whether it has ended. */
  readonly response?: 'answered' | 'open' | undefined;
  readonly kind?: string | undefined;
  readonly currency?: string | undefined;
  readonly cancelled?: boolean | undefined;
  readonly number?: string | undefined;
  readonly totalFrom?: number | undefined;
  readonly totalTo?: number | undefined;
}

/** What a list is ordered by. */
export const SORTS = ['time', 'total'] as const;

/** A list of communications or of transactions: which, and in what order. */
export interface RecordsList {
  readonly category: 'communication' | 'transaction';
  readonly filter: RecordsFilter;
  readonly sort: (typeof SORTS)[number];
  readonly order: 'asc' | 'desc';
}

const KEYS = { time: 'r.at', total: 'r.amount_minor' } as const;

/** The combinations that fit, of departments within the scope. */
export function addFitting(statement: Statement, scope: Scope, category: RecordsList['category'], filter: RecordsFilter): Statement {
  return statement
    .add('select c.id from combination c where c.count > 0 and c.category = ? and c.department like any(?)', CATEGORIES.indexOf(category), patternsOf(narrowed(scope, filter.department)))
    .addIf(filter.medium, ' and c.medium = ?')
    .addIf(filter.platform, ' and c.platform = ?')
    .addIf(filter.direction, ' and c.direction = ?')
    .addIf(filter.purpose, ' and c.purpose = ?')
    .addIf(filter.disposition, ' and c.disposition = ?')
    .addIf(filter.call, ' and c.call = ?')
    .addIf(filter.mistaken, " and (c.retracted is not distinct from 'staff') = ?")
    .addIf(filter.concerns, ' and c.concerns = ?')
    .addIf(filter.kind, ' and c.kind = ?')
    .addIf(filter.currency, ' and c.currency = ?')
    .addIf(filter.cancelled, ' and c.cancelled = ?');
}

/** What each record is chosen by for itself. */
function addOwn(statement: Statement, scope: Scope, filter: RecordsFilter): Statement {
  statement
    .addIf(filter.from, ' and r.at >= ?')
    .addIf(filter.to, ' and r.at < ?')
    .addIf(filter.reference, ' and r.reference = ?')
    .addIf(filter.number, ' and r.number = ?')
    .addIf(filter.conversation, ' and r.conversation = ?')
    .addIf(filter.answerFrom, ' and r.answer_ms >= ?')
    .addIf(filter.answerTo, ' and r.answer_ms < ?')
    .addIf(filter.totalFrom, ' and r.amount_minor >= ?')
    .addIf(filter.totalTo, ' and r.amount_minor < ?');
  if (filter.response !== undefined) addWaits(statement.add(` and ${ANSWERED_AT} is ${filter.response === 'open' ? '' : 'not '}null`, patternsOf(scope)), scope);
  return addConcerned(statement, scope, filter);
}

/** When the conversation of a record `r` was next taken up by an outbound communication. */
export const ANSWERED_AT = `(select m.at from record m where m.conversation = r.conversation and m.turn = 'outbound' and m.department like any(?)
  and (m.at, m.id) > (r.at, r.id) order by m.at, m.id limit 1)`;

/** That a record `r` begins a wait: it is inbound, and the one before it in the conversation is not. */
export function addWaits(statement: Statement, scope: Scope): Statement {
  return statement.add(` and r.turn = 'inbound' and (select m.turn from record m where m.conversation = r.conversation and m.turn is not null
    and m.department like any(?) and (m.at, m.id) < (r.at, r.id) order by m.at desc, m.id desc limit 1) is distinct from 'inbound'`, patternsOf(scope));
}

function addConcerned(statement: Statement, scope: Scope, { customer, assignee, tag, country, segment }: RecordsFilter): Statement {
  const isKnown = [assignee, tag, country, segment].some((value) => value !== undefined);
  if (customer === undefined && !isKnown) return statement;
  statement.add(' and exists (select from concerned k');
  // What is said of a customer tells nothing of those outside the scope.
  if (isKnown) statement.add(' join customer u on u.id = k.customer and u.department like any(?)', patternsOf(scope));
  return statement
    .add(' where k.category = r.category and k.id = r.id')
    .addIf(customer, ' and k.customer = ?')
    .addIf(country, ' and u.country = ?')
    .addIf(tag, ' and exists (select from tagged t where t.customer = k.customer and t.tag = ?)')
    .addIf(assignee, ' and exists (select from assigned a where a.customer = k.customer and a.staff = ?)')
    .addIf(segment, ' and exists (select from membership m where m.customer = k.customer and m.segment = ?)')
    .add(')');
}

/** The few that are chosen by something of their own are read from that; all else is merged from the first of each combination. */
const isOfFew = ({ customer, assignee, tag, country, segment, reference, number, conversation }: RecordsFilter): boolean =>
  [customer, assignee, tag, country, segment, reference, number, conversation].some((value) => value !== undefined);

interface Asked {
  readonly list: RecordsList;
  readonly limit: number;
  readonly cursor: Cursor | undefined;
}

function addPage(statement: Statement, scope: Scope, { list, limit, cursor }: Asked, isAscending: boolean): Statement {
  const { category, filter, sort } = list;
  const key = KEYS[sort];
  const direction = isAscending ? 'asc' : 'desc';
  const order = ` order by ${key} ${direction}, r.id ${direction} limit ?`;
  const addChosen = (): Statement => {
    addOwn(statement, scope, filter);
    const [first, second] = cursor?.keys ?? [];
    if (cursor !== undefined) statement.add(` and (${key}, r.id) ${isAscending ? '>' : '<'} (?::bigint, ?::uuid)`, first, second);
    return statement.add(order, limit + 1);
  };
  if (isOfFew(filter)) {
    statement.add(`select r.id, ${key} as key from record r where r.category = ? and r.combination in (`, CATEGORIES.indexOf(category));
    addFitting(statement, scope, category, filter).add(')');
    return addChosen();
  }
  statement.add('select e.id, e.key from (');
  addFitting(statement, scope, category, filter).add(`) c cross join lateral (select r.id, ${key} as key from record r where r.combination = c.id`);
  if (sort === 'total') statement.add(' and r.amount_minor is not null');
  return addChosen().add(`) e order by e.key ${direction}, e.id ${direction} limit ?`, limit + 1);
}

/** With the customers whom each concerns, of those within the scope with what is known of them. */
const PAGE = `select e.id, e.key, s.revision, s.state, (
    select coalesce(json_agg(json_build_array(k.customer, u.state)), '[]') from concerned k
    join customer c on c.id = k.customer and c.department like any(?) join stream_state u on u.id = k.customer and u.category = ?
    where k.category = ? and k.id = e.id) as customers
  from (`;

interface RecordValues {
  readonly id: string;
  readonly key: string;
  readonly revision: number;
  readonly state: string;
  readonly customers: readonly (readonly [id: string, state: string])[];
}

/** A record of a page: its stream's state, and what is known of customers within the scope whom it concerns. */
export interface FoundRecord {
  readonly id: string;
  readonly revision: number;
  readonly state: string;
  readonly nameOf: (customer: string) => NonNullable<CustomerState['profile']['name']>[0];
}

/** A page of a list. */
export async function listRecords(reader: ReadModelReader, scope: Scope, asked: Asked): Promise<Slice<FoundRecord>> {
  const { list, limit, cursor } = asked;
  const category = CATEGORIES.indexOf(list.category);
  const isAscending = (list.order === 'asc') !== (cursor?.to === 'previous');
  const statement = new Statement().add(PAGE, patternsOf(scope), CUSTOMER, category);
  addPage(statement, scope, asked, isAscending).add(') e join stream_state s on s.id = e.id and s.category = ?', category);
  statement.add(isAscending ? ' order by e.key, e.id' : ' order by e.key desc, e.id desc');
  const found = await reader.query<RecordValues>(UNNAMED, statement.text, statement.values);
  const page = slice(found, limit, cursor, ({ key, id }) => [key, id]);
  return { ...page, rows: page.rows.map(foundOf) };
}

function foundOf({ id, revision, state, customers }: RecordValues): FoundRecord {
  const states = new Map(customers.map(([customer, text]) => [customer, customerState(text)]));
  return { id, revision, state, nameOf: (customer) => valueOf(states.get(customer)?.profile.name) };
}

/** How many records a list holds: exact up to 10,000. */
export async function countRecords(reader: ReadModelReader, scope: Scope, { category, filter }: RecordsList): Promise<{ value: number; more: boolean }> {
  const statement = new Statement().add('select count(*)::int as n from (select from record r where r.category = ? and r.combination in (', CATEGORIES.indexOf(category));
  addOwn(addFitting(statement, scope, category, filter).add(')'), scope, filter).add(' limit ?) n', MOST_COUNTED + 1);
  const [row] = await reader.query<{ n: number }>(UNNAMED, statement.text, statement.values);
  const counted = row?.n ?? 0;
  return { value: Math.min(counted, MOST_COUNTED), more: counted > MOST_COUNTED };
}
