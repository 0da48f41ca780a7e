import type { Scope } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import type { Cursor } from '../keyset.js';
import { Statement, UNNAMED } from '../statement.js';
import { addFitting, type TimelinePage } from './timeline.filter.js';
import { AFTER_ALL, BEFORE_ALL } from './timeline.table.js';
import type { EntryValues } from './timeline.view.js';
import { SPAN_MS } from './threads.write.js';

/** Where an entry stands: at itself, or a conversation at the last of its messages that fit. */
interface Place {
  readonly at: string;
  readonly id: string;
  readonly conversation: string | null;
}

/** A place that an entry may have: parts of a conversation have one each, of which the last is the conversation's. */
interface Candidate extends Place {
  readonly stands: boolean;
  /** Whether there may be others beyond these. */
  readonly more: boolean;
}

/** How many candidates one statement gives, at most. */
const MOST_CANDIDATES = 5_000;

/** The entries of a page in the order of reading, one more than fits; conversations folded unless they are asked for open. */
export async function rowsAsked(reader: ReadModelReader, scope: Scope, page: TimelinePage): Promise<EntryValues[]> {
  const places = await findPlaces(reader, scope, page);
  return places.length === 0 ? [] : await rowsAt(reader, scope, page, places);
}

/** The places of a page in the order of reading: candidates are read on until there are enough that are one. */
async function findPlaces(reader: ReadModelReader, scope: Scope, page: TimelinePage): Promise<Place[]> {
  const wanted = page.limit + 1;
  const places: Place[] = [];
  let { cursor } = page;
  // More for each that is missing every time, so that a run of candidates that do not stand is soon read past.
  const first = isFolded(page) ? 2 : 1;
  for (let more = true, each = first; more && places.length < wanted; each *= 2) {
    const most = Math.min(each * (wanted - places.length), MOST_CANDIDATES);
    const candidates = await candidatesFrom(reader, scope, { ...page, cursor }, most);
    const last = candidates.at(-1);
    if (last === undefined) break;
    places.push(...candidates.filter(({ stands }) => stands));
    cursor = { to: cursor?.to ?? 'next', keys: [last.at, last.id] };
    more = last.more || candidates.length === most;
  }
  return places.slice(0, wanted);
}

const isFolded = ({ filter: { threads, conversation } }: TimelinePage): boolean => threads !== 'open' && conversation === undefined;

/** Of each combination about twice its share of all entries is read first; a page that needs more of one ends where that was cut. */
const FITTING = `with fitting as materialized (select c.id, c.threaded and ? as threaded, least(?, 4 + 2 * ? * c.count / sum(c.count) over ())::integer as most from (`;
const ENTRIES = `) c), read as materialized (select e.at, e.id, null::uuid as conversation, null::integer as span, e.n = c.most as is_cut
  from (select id, most from fitting where not threaded) c cross join lateral (
    select e.at, e.id, row_number() over () as n from (select e.at, e.id from entry e where e.customer = ? and e.combination = c.id and e.at >= ? and e.at < ?`;
const PARTS = ` union all select e.at, e.id, e.conversation, e.span, e.n = c.most from (select id, most from fitting where threaded) c cross join lateral (
    select e.last_at as at, e.last_id as id, e.conversation, e.span, row_number() over () as n from (select e.last_at, e.last_id, e.conversation, e.span from thread e
    where e.customer = ? and e.combination = c.id and e.count > 0 and e.last_at >= ? and e.last_at < ?`;
const OF_EACH = ' limit c.most) e) e';
/** Parts that go on after the period: each may stand at its last entry before that. */
const CUT_PARTS = ` union all select e.at, e.id, t.conversation, t.span, false from (select id from fitting where threaded) c cross join lateral (
    select t.conversation, t.span from thread t
    where t.customer = ? and t.combination = c.id and t.count > 0 and t.last_at >= ? and t.last_at < ? and t.first_at < ?) t
  cross join lateral (
    select e.at, e.id from entry e where e.customer = ? and e.conversation = t.conversation and e.combination = c.id and e.at >= ? and e.at < ?
    order by e.at desc, e.id desc limit 1) e where true`;
/** A conversation stands where none of its parts has an entry that fits and is later. */
const STANDING = `select e.at, e.id, e.conversation, e.more, e.conversation is null or not exists (
    select from thread o where o.customer = ? and o.conversation = e.conversation and o.span >= e.span and o.span <= ? and o.count > 0
    and o.combination = any(array(select id from fitting)) and (o.last_at, o.last_id) > (e.at, e.id)
    and (o.last_at < ? or exists (select from entry f where f.customer = o.customer and f.conversation = o.conversation and f.combination = o.combination
      and (f.at, f.id) > (e.at, e.id) and f.at < ?)) offset 0) as stands from r e`;

/** From when to when a page reaches, the end excluded. */
const periodOf = ({ filter: { from = BEFORE_ALL, to = AFTER_ALL } }: TimelinePage): readonly [since: number, until: number] => [from, to];

const DESCENDING = { 'e.at, e.id': 'e.at desc, e.id desc', 'e.last_at, e.last_id': 'e.last_at desc, e.last_id desc' } as const;
type Keys = keyof typeof DESCENDING;

/** Only what lies beyond the cursor. */
function addBeyond(statement: Statement, cursor: Cursor | undefined, keys: Keys): Statement {
  if (cursor === undefined) return statement;
  const [at, id] = cursor.keys;
  return statement.add(` and (${keys}) ${cursor.to === 'previous' ? '>' : '<'} (?::bigint, ?::uuid)`, at, id);
}

/** In the order of reading. */
function addOrder(statement: Statement, cursor: Cursor | undefined, keys: Keys): Statement {
  return statement.add(` order by ${cursor?.to === 'previous' ? keys : DESCENDING[keys]}`);
}

/** The first of all places that entries may have, in the order of reading. */
async function candidatesFrom(reader: ReadModelReader, scope: Scope, page: TimelinePage, most: number): Promise<Candidate[]> {
  const { customer, cursor, filter: { to, conversation } } = page;
  const [since, until] = periodOf(page);
  const span = Math.floor(until / SPAN_MS);
  const statement = addFitting(new Statement().add(FITTING, isFolded(page), most, most), scope, page);
  statement.add(ENTRIES, customer, since, until).addIf(conversation, ' and e.conversation = ?');
  addOrder(addBeyond(statement, cursor, 'e.at, e.id'), cursor, 'e.at, e.id').add(OF_EACH);
  if (isFolded(page)) {
    addOrder(addBeyond(statement.add(PARTS, customer, since, until), cursor, 'e.last_at, e.last_id'), cursor, 'e.last_at, e.last_id').add(OF_EACH);
    if (to !== undefined) addBeyond(statement.add(CUT_PARTS, customer, until, (span + 1) * SPAN_MS, until, customer, since, until), cursor, 'e.at, e.id');
  }
  addOrder(statement.add('), edge as (select e.at, e.id from read e where e.is_cut'), cursor, 'e.at, e.id');
  statement.add(` limit 1), r as materialized (select e.*, edge.at is not null as more from read e left join edge on true
    where edge.at is null or (e.at, e.id) ${cursor?.to === 'previous' ? '<=' : '>='} (edge.at, edge.id)`);
  addOrder(statement, cursor, 'e.at, e.id').add(' limit ?) ', most).add(STANDING, customer, span, until, until);
  return await reader.query<Candidate>(UNNAMED, addOrder(statement, cursor, 'e.at, e.id').text, statement.values);
}

/** What the entries say; of a conversation what all its parts come to that fit. */
const SAYING = `select e.at, e.id, e.category, e.department, e.body, s.revision, s.state, m.messages, m.first_at, m.media, m.directions
  from unnest(?::bigint[], ?::uuid[], ?::uuid[]) as k(at, id, conversation)
  join entry e on e.customer = ? and e.at = k.at and e.id = k.id
  left join stream_state s on s.id = e.id and s.category = e.category
  left join lateral (
    select sum(p.count)::int as messages, min(p.first_at) as first_at, array_agg(distinct c.medium order by c.medium) as media,
      array_agg(distinct c.direction order by c.direction) as directions
    from (select * from thread t where t.customer = ? and t.conversation = k.conversation and t.count > 0 and t.last_at >= ? and t.first_at < ? offset 0) t
    cross join lateral (select c.medium, c.direction from fitting c where c.id = t.combination) c cross join lateral (
      select t.count, t.first_at where t.first_at >= ? and t.last_at < ?
      union all select count(*), min(f.at) from entry f where (t.first_at < ? or t.last_at >= ?) and f.customer = t.customer and f.conversation = t.conversation
        and f.combination = t.combination and f.at >= greatest(t.first_at, ?) and f.at <= t.last_at and f.at < ? having count(*) > 0) p) m on k.conversation is not null`;

async function rowsAt(reader: ReadModelReader, scope: Scope, page: TimelinePage, places: readonly Place[]): Promise<EntryValues[]> {
  const { customer, cursor } = page;
  const period = periodOf(page);
  const keys = [places.map(({ at }) => at), places.map(({ id }) => id), places.map(({ conversation }) => conversation)];
  const statement = addFitting(new Statement().add('with fitting as materialized ('), scope, page).add(') ');
  statement.add(SAYING, ...keys, customer, customer, ...period, ...period, ...period, ...period);
  return await reader.query<EntryValues>(UNNAMED, addOrder(statement, cursor, 'e.at, e.id').text, statement.values);
}
