import { bigints, booleans, integers, settled, smallints, texts, uuids, type Transaction } from '@annals/read-models';

import { inKeyOrder, latest } from '../rows.js';
import { writeThreads } from './threads.write.js';
import type { EntryChange, TimelineChange } from './timeline.changes.js';
import { wordKey } from './words.js';

const ENTRIES = `insert into entry (customer, at, id, category, department, combination, conversation, body)
  select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::smallint[], $5::text[], $6::bigint[], $7::uuid[], $8::text[])`;
const ADD_ENTRIES = { name: 'timeline_entries_add', text: ENTRIES };
const SET_ENTRIES = {
  name: 'timeline_entries_set',
  text: `${ENTRIES}
  on conflict (customer, at, id) do update set combination = excluded.combination, conversation = excluded.conversation`,
};

const TAKE_ENTRIES = `delete from entry e using unnest($1::uuid[], $2::bigint[], $3::uuid[]) as k(customer, at, id)
  where e.customer = k.customer and e.at = k.at and e.id = k.id`;

/** The words of all rows are one list, of which each has a part. */
const SAID = `insert into said (customer, at, id, department, words)
  select k.customer, k.at, k.id, k.department, ($7::bigint[])[k.first : k.last]
  from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::integer[], $6::integer[]) as k(customer, at, id, department, first, last)`;
const ADD_SAID = { name: 'timeline_said_add', text: SAID };
const SET_SAID = {
  name: 'timeline_said_set',
  text: `${SAID}
  on conflict (customer, at, id) do update set words = excluded.words`,
};

const TAKE_SAID = `delete from said s using unnest($1::uuid[], $2::bigint[], $3::uuid[]) as k(customer, at, id)
  where s.customer = k.customer and s.at = k.at and s.id = k.id`;

const ADD_COMBINATIONS = `insert into combination as c (customer, id, category, department, medium, platform, direction, purpose, threaded, count)
  select * from unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[], $10::integer[])
  on conflict (customer, id) do update set count = c.count + excluded.count`;

const SET_SEGMENTS = `insert into segment (id, name) select * from unnest($1::uuid[], $2::text[])
  on conflict (id) do update set name = excluded.name`;

/** Writes the changes of a batch: a statement or two for each table, its rows in key order. */
export async function writeTimeline(transaction: Transaction, changes: readonly TimelineChange[]): Promise<void> {
  const entries = changes.filter((change) => change.to === 'entry');
  const rows = latest(entries, ({ customer, at, id }) => `${customer} ${at} ${id}`);
  const there = rows.filter(({ present }) => present);
  const gone = rows.filter(({ present }) => !present);
  // One that is changed is taken away and added.
  const areNew = !transaction.careful && entries.every(({ present }) => present);
  await settled([
    take(transaction, gone),
    setEntries(transaction, there, areNew),
    // A communication that was amended to say nothing is found by nothing.
    setSaid(transaction, there.filter(({ medium }) => medium !== null), areNew),
    addCombinations(transaction, entries),
    // What is taken back is looked for among the entries that are left: after these.
    writeThreads(transaction, entries),
    setSegments(transaction, changes.filter((change) => change.to === 'segment')),
  ]);
}

const keysOf = (rows: readonly EntryChange[]): unknown[] => [
  uuids(rows.map(({ customer }) => customer)),
  bigints(rows.map(({ at }) => at)),
  uuids(rows.map(({ id }) => id)),
];

async function take(transaction: Transaction, rows: readonly EntryChange[]): Promise<void> {
  if (rows.length === 0) return;
  const keys = keysOf(rows);
  await settled([transaction.query('timeline_take', TAKE_ENTRIES, keys), transaction.query('timeline_unsay', TAKE_SAID, keys)]);
}

async function setEntries(transaction: Transaction, rows: readonly EntryChange[], areNew: boolean): Promise<void> {
  if (rows.length === 0) return;
  const { name, text } = areNew ? ADD_ENTRIES : SET_ENTRIES;
  await transaction.query(name, text, [
    ...keysOf(rows),
    smallints(rows.map(({ category }) => category)),
    texts(rows.map(({ department }) => department)),
    bigints(rows.map(({ combination }) => combination)),
    uuids(rows.map(({ conversation }) => conversation)),
    texts(rows.map(({ body }) => (body === null ? null : JSON.stringify(body)))),
  ]);
}

async function setSaid(transaction: Transaction, rows: readonly EntryChange[], areNew: boolean): Promise<void> {
  if (rows.length === 0) return;
  const words: bigint[] = [];
  const [first, last]: [number[], number[]] = [[], []];
  for (const row of rows) {
    first.push(words.length + 1);
    for (const word of row.words) words.push(wordKey(row.customer, word));
    last.push(words.length);
  }
  const { name, text } = areNew ? ADD_SAID : SET_SAID;
  await transaction.query(name, text, [
    ...keysOf(rows),
    texts(rows.map(({ department }) => department)),
    integers(first),
    integers(last),
    bigints(words),
  ]);
}

async function addCombinations(transaction: Transaction, entries: readonly EntryChange[]): Promise<void> {
  const sums = new Map<string, { readonly entry: EntryChange; count: number }>();
  for (const entry of entries) {
    const key = `${entry.customer} ${entry.combination}`;
    const sum = sums.get(key);
    const count = entry.present ? 1 : -1;
    if (sum === undefined) sums.set(key, { entry, count });
    else sum.count += count;
  }
  const rows = inKeyOrder(sums);
  if (rows.length === 0) return;
  await transaction.query('timeline_combinations', ADD_COMBINATIONS, [
    uuids(rows.map(({ entry }) => entry.customer)),
    bigints(rows.map(({ entry }) => entry.combination)),
    smallints(rows.map(({ entry }) => entry.category)),
    texts(rows.map(({ entry }) => entry.department)),
    texts(rows.map(({ entry }) => entry.medium)),
    texts(rows.map(({ entry }) => entry.platform)),
    texts(rows.map(({ entry }) => entry.direction)),
    texts(rows.map(({ entry }) => entry.purpose)),
    booleans(rows.map(({ entry }) => entry.conversation !== null)),
    integers(rows.map(({ count }) => count)),
  ]);
}

async function setSegments(transaction: Transaction, changes: readonly Extract<TimelineChange, { to: 'segment' }>[]): Promise<void> {
  const rows = latest(changes, ({ id }) => id);
  if (rows.length === 0) return;
  await transaction.query('timeline_segments', SET_SEGMENTS, [
    uuids(rows.map(({ id }) => id)),
    texts(rows.map(({ name }) => name)),
  ]);
}
