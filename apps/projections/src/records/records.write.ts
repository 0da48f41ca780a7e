import { createHash } from 'node:crypto';
import { bigints, booleans, settled, smallints, texts, uuids, type Transaction } from '@annals/read-models';

import { changeRows } from '../card/card.rows.js';
import { setMemberships } from '../card/card.write.js';
import { inKeyOrder, latest } from '../rows.js';
import type { ChangesTo, Combined, RecordsChange } from './records.changes.js';

const SET_RECORDS = `insert into record (category, id, at, department, combination, amount_minor, reference, number, conversation, turn, answer_ms)
  select * from unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::uuid[], $10::text[], $11::bigint[])
  on conflict (category, id) do update set at = excluded.at, combination = excluded.combination, conversation = excluded.conversation,
  turn = excluded.turn, answer_ms = excluded.answer_ms`;

const ADD_COMBINATIONS = `insert into combination as c (id, category, department, medium, platform, direction, purpose, disposition, call, retracted,
    kind, currency, cancelled, concerns, count)
  select * from unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::text[], $13::boolean[], $14::boolean[], $15::bigint[])
  on conflict (id) do update set count = c.count + excluded.count`;

const ADD_CONCERNED = `insert into concerned (customer, category, at, id, department)
  select * from unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::uuid[], $5::text[]) on conflict do nothing`;

const TAKE_CONCERNED = `delete from concerned c using unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::uuid[]) as k(customer, category, at, id)
  where c.customer = k.customer and c.category = k.category and c.at = k.at and c.id = k.id`;

const SET_CUSTOMERS = `insert into customer (id, department, country) select * from unnest($1::uuid[], $2::text[], $3::text[])
  on conflict (id) do update set department = excluded.department, country = excluded.country`;

/** Writes the changes of a batch: a statement or two for each table that changes, its rows in key order. */
export async function writeRecords(transaction: Transaction, changes: readonly RecordsChange[]): Promise<void> {
  const records = changes.filter((change) => change.to === 'record');
  await settled([
    setRecords(transaction, records),
    addCombinations(transaction, records),
    changeConcerned(transaction, changes.filter((change) => change.to === 'concerned')),
    setCustomers(transaction, changes.filter((change) => change.to === 'customer')),
    changeRows(transaction, 'tagged', changes.filter((change) => change.to === 'tagged')),
    changeRows(transaction, 'assigned', changes.filter((change) => change.to === 'assigned')),
    setMemberships(transaction, changes.filter((change) => change.to === 'membership')),
  ]);
}

async function setRecords(transaction: Transaction, changes: readonly ChangesTo<'record'>[]): Promise<void> {
  const rows = latest(changes.map(({ now }) => now), ({ category, id }) => `${category} ${id}`);
  if (rows.length === 0) return;
  await transaction.query('records_set', SET_RECORDS, [
    smallints(rows.map(({ category }) => category)),
    uuids(rows.map(({ id }) => id)),
    bigints(rows.map(({ at }) => at)),
    texts(rows.map(({ department }) => department)),
    bigints(rows.map(combinationOf)),
    bigints(rows.map(({ amountMinor }) => amountMinor)),
    texts(rows.map(({ reference }) => reference)),
    texts(rows.map(({ number }) => number)),
    uuids(rows.map(({ conversation }) => conversation)),
    texts(rows.map(({ turn }) => turn)),
    bigints(rows.map(({ answerMs }) => answerMs)),
  ]);
}

/** Combinations are few, and asked for with each record. */
const combinations = new Map<string, string>();
const MOST_KNOWN = 10_000;

const textOf = ({ category, department, medium, platform, direction, purpose, disposition, call, retracted, kind, currency, cancelled, concerns }: Combined): string =>
  JSON.stringify([category, department, medium, platform, direction, purpose, disposition, call, retracted, kind, currency, cancelled, concerns]);

/** A number that is the same for all records that every choice among combinations treats alike. */
function combinationOf(values: Combined): string {
  const all = textOf(values);
  const known = combinations.get(all);
  if (known !== undefined) return known;
  const made = createHash('sha256').update(all).digest().readBigInt64BE(0).toString();
  if (combinations.size >= MOST_KNOWN) combinations.clear();
  combinations.set(all, made);
  return made;
}

/** Also where nothing is left: whether a row is there must not depend on what came in one batch. */
async function addCombinations(transaction: Transaction, changes: readonly ChangesTo<'record'>[]): Promise<void> {
  const sums = new Map<string, { readonly values: Combined; count: number }>();
  const add = (values: Combined, count: number): void => {
    const id = combinationOf(values);
    const sum = sums.get(id);
    if (sum === undefined) sums.set(id, { values, count });
    else sum.count += count;
  };
  for (const { now, before } of changes) {
    add(now, 1);
    if (before !== null) add(before, -1);
  }
  const rows = inKeyOrder(sums);
  if (rows.length === 0) return;
  const column = (of: (values: Combined) => string | null): unknown => texts(rows.map(({ values }) => of(values)));
  await transaction.query('records_combinations', ADD_COMBINATIONS, [
    bigints(rows.map(({ values }) => combinationOf(values))),
    smallints(rows.map(({ values }) => values.category)),
    column(({ department }) => department),
    column(({ medium }) => medium),
    column(({ platform }) => platform),
    column(({ direction }) => direction),
    column(({ purpose }) => purpose),
    column(({ disposition }) => disposition),
    column(({ call }) => call),
    column(({ retracted }) => retracted),
    column(({ kind }) => kind),
    column(({ currency }) => currency),
    booleans(rows.map(({ values }) => values.cancelled)),
    booleans(rows.map(({ values }) => values.concerns)),
    bigints(rows.map(({ count }) => count)),
  ]);
}

async function changeConcerned(transaction: Transaction, changes: readonly ChangesTo<'concerned'>[]): Promise<void> {
  const rows = latest(changes, ({ customer, category, at, id }) => `${customer} ${category} ${at} ${id}`);
  const keysOf = (some: typeof rows): unknown[] => [
    uuids(some.map(({ customer }) => customer)),
    smallints(some.map(({ category }) => category)),
    bigints(some.map(({ at }) => at)),
    uuids(some.map(({ id }) => id)),
  ];
  const gone = rows.filter(({ present }) => !present);
  const there = rows.filter(({ present }) => present);
  await settled([
    gone.length > 0 ? transaction.query('records_part', TAKE_CONCERNED, keysOf(gone)) : Promise.resolve(),
    there.length > 0 ? transaction.query('records_concern', ADD_CONCERNED, [...keysOf(there), texts(there.map(({ department }) => department))]) : Promise.resolve(),
  ]);
}

async function setCustomers(transaction: Transaction, changes: readonly ChangesTo<'customer'>[]): Promise<void> {
  const rows = latest(changes, ({ id }) => id);
  if (rows.length === 0) return;
  await transaction.query('records_customers', SET_CUSTOMERS, [
    uuids(rows.map(({ id }) => id)),
    texts(rows.map(({ department }) => department)),
    texts(rows.map(({ country }) => country)),
  ]);
}
