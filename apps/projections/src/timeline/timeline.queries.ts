import type { Scope, TimelineEntry } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import { slice, type Slice } from '../keyset.js';
import { patternsOf } from '../scope.js';
import { Statement, UNNAMED } from '../statement.js';
import { rowsAsked } from './places.queries.js';
import { addFitting, type TimelinePage } from './timeline.filter.js';
import { bodyOf, entryOf, type EntryValues } from './timeline.view.js';
import { wordKey, wordsOf } from './words.js';

/** A hostile search for many words costs no more than one for some. */
const MOST_SEARCHED = 20;
const PAGE = 'select e.at, e.id, e.category, e.department, e.body, s.revision, s.state from (';
const OF_PAGE = ') e left join stream_state s on s.id = e.id and s.category = e.category';
const ENTRY = 'select e.at, e.id, e.category, e.department, e.body';

/** From when to when, and on from the cursor; where `e` has the keys. */
function addPeriod(statement: Statement, { filter: { from, to }, cursor }: TimelinePage): Statement {
  statement.addIf(from, ' and e.at >= ?').addIf(to, ' and e.at < ?');
  const [at, id] = cursor?.keys ?? [];
  if (cursor === undefined) return statement;
  return statement.add(cursor.to === 'previous' ? ' and (e.at, e.id) > (?::bigint, ?::uuid)' : ' and (e.at, e.id) < (?::bigint, ?::uuid)', at, id);
}

/** How many of the latest entries are looked through before all are looked up by their words: what is often said is among them. */
const LATEST = 2_000;

/** The entries that say all words: among the latest, or of them all by the index of words. */
function addSaid(statement: Statement, scope: Scope, page: TimelinePage & { readonly text: string; readonly among: 'latest' | 'all' }, order: string): void {
  const { customer, filter: { conversation }, text, among } = page;
  const words = wordsOf(text).slice(0, MOST_SEARCHED).map((word) => wordKey(customer, word));
  if (among === 'all') statement.add(`${ENTRY} from said w`);
  else addPeriod(statement.add(`${ENTRY} from (select e.customer, e.at, e.id, e.words from said e where e.customer = ?`, customer), page).add(`${order} limit ?) w`, LATEST);
  statement.add(' join entry e on e.customer = w.customer and e.at = w.at and e.id = w.id where w.customer = ? and w.words @> ?::bigint[] and e.combination in (select c.id from (', customer, words);
  addPeriod(addFitting(statement, scope, page).add(') c)').addIf(conversation, ' and e.conversation = ?'), page);
}

async function rowsOf(reader: ReadModelReader, page: TimelinePage, order: string, add: (statement: Statement) => void): Promise<EntryValues[]> {
  const statement = new Statement().add(PAGE);
  add(statement);
  statement.add(`${order} limit ?`, page.limit + 1).add(OF_PAGE + order);
  return await reader.query<EntryValues>(UNNAMED, statement.text, statement.values);
}

async function rowsFor(reader: ReadModelReader, scope: Scope, page: TimelinePage): Promise<EntryValues[]> {
  const order = page.cursor?.to === 'previous' ? ' order by e.at, e.id' : ' order by e.at desc, e.id desc';
  const { text } = page.filter;
  if (text === undefined) return await rowsAsked(reader, scope, page);
  const found = await rowsOf(reader, page, order, (statement) => addSaid(statement, scope, { ...page, text, among: 'latest' }, order));
  if (found.length > page.limit) return found;
  return await rowsOf(reader, page, order, (statement) => addSaid(statement, scope, { ...page, text, among: 'all' }, order));
}

/** A page of a customer's timeline, latest first. */
export async function findTimeline(reader: ReadModelReader, scope: Scope, page: TimelinePage): Promise<Slice<TimelineEntry>> {
  const found = await rowsFor(reader, scope, page);
  const cut = slice(found, page.limit, page.cursor, (row) => [row.at, row.id]);
  const names = await segmentNames(reader, cut.rows);
  return { ...cut, rows: cut.rows.map((row) => entryOf(page.customer, row, names)) };
}

const IS_KNOWN = 'select exists (select 1 from combination c where c.customer = $1 and c.count > 0 and c.department like any($2)) as known';

/** Whether the customer has a timeline at all. */
export async function hasTimeline(reader: ReadModelReader, scope: Scope, customer: string): Promise<boolean> {
  const [row] = await reader.query<{ known: boolean }>('timeline_known', IS_KNOWN, [customer, patternsOf(scope)]);
  return row?.known ?? false;
}

const NAMES = 'select id, name from segment where id = any($1::uuid[])';

async function segmentNames(reader: ReadModelReader, rows: readonly EntryValues[]): Promise<ReadonlyMap<string, string>> {
  const bodies = rows.map(bodyOf).filter((body) => body?.kind === 'segment');
  const ids = new Set(bodies.flatMap(({ from, to }) => [from, to]).filter((id) => id !== null));
  if (ids.size === 0) return new Map();
  const found = await reader.query<{ id: string; name: string }>('timeline_segments', NAMES, [[...ids]]);
  return new Map(found.map(({ id, name }) => [id, name]));
}
