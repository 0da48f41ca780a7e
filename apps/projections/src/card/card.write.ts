import { bigints, integers, settled, texts, uuids, type Transaction } from '@annals/read-models';

import { writeCustomers } from '../customers/customers.write.js';
import { writeDuplicates } from '../duplicates/duplicates.write.js';
import { writeFollowUps } from '../follow-ups/follow-ups.write.js';
import { inKeyOrder, latest } from '../rows.js';
import type { CardChange, ChangesTo, Figure, MembershipChange } from './card.changes.js';
import { changeRows } from './card.rows.js';

const ADD_TOTALS = `insert into total as t (customer, department, what, unit, count, amount_minor)
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
  on conflict (customer, department, what, unit) do update
  set count = t.count + excluded.count, amount_minor = t.amount_minor + excluded.amount_minor`;

const ADD_SOURCES = `insert into source as s (system, department, what, unit, count, amount_minor, lines)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
  on conflict (system, department, what, unit) do update
  set count = s.count + excluded.count, amount_minor = s.amount_minor + excluded.amount_minor, lines = s.lines + excluded.lines`;

const SET_MEMBERSHIPS = `insert into membership (customer, segmentation, segment, since, model, department)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::integer[], $6::text[])
  on conflict (customer, segmentation) do update
  set segment = excluded.segment, since = excluded.since, model = excluded.model, department = excluded.department`;

const SET_SEGMENTS = `insert into segment (id, en, zh) select * from unnest($1::uuid[], $2::text[], $3::text[])
  on conflict (id) do update set en = excluded.en, zh = excluded.zh`;

type Changes = { readonly [Table in CardChange['to']]: ChangesTo<Table>[] };

/** Writes the changes of a batch: a statement or two for each table that changes, its rows in key order. */
export async function writeCard(transaction: Transaction, changes: readonly CardChange[]): Promise<void> {
  const to = byTable(changes);
  await settled([
    addTotals(transaction, to.total),
    addSources(transaction, to.source),
    changeRows(transaction, 'contact', to.contact),
    changeRows(transaction, 'bought', to.bought),
    changeRows(transaction, 'name', to.name),
    changeRows(transaction, 'reference', to.reference),
    changeRows(transaction, 'point', to.point),
    changeRows(transaction, 'dismissed', to.dismissed),
    changeRows(transaction, 'tagged', to.tagged),
    changeRows(transaction, 'assigned', to.assigned),
    setMemberships(transaction, to.membership),
    setSegments(transaction, to.segment),
    writeFollowUps(transaction, to.followup),
    // Who may be one is looked for among the points and dismissals that are there: after these.
    writeDuplicates(transaction, to),
    // A last contact that is taken back is looked for among those that are left: after the contacts.
    writeCustomers(transaction, to),
  ]);
}

function byTable(changes: readonly CardChange[]): Changes {
  const to: Changes = {
    total: [], source: [], contact: [], bought: [], name: [], reference: [], point: [], dismissed: [], tagged: [], assigned: [],
    listed: [], followup: [], membership: [], segment: [],
  };
  // Each change goes to the list of its own table, which the compiler cannot see.
  for (const change of changes) (to[change.to] as CardChange[]).push(change);
  return to;
}

type Sum<Row> = { -readonly [Field in keyof Row]: Row[Field] };

/** One row a key, in key order, with the sums of all figures that have it. */
function summed<Row extends Figure>(rows: readonly Row[], keyOf: (row: Row) => string, add: (sum: Sum<Row>, row: Row) => void): Row[] {
  const sums = new Map<string, Sum<Row>>();
  for (const row of rows) {
    const key = keyOf(row);
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { ...row });
    else add(sum, row);
  }
  return inKeyOrder(sums);
}

async function addTotals(transaction: Transaction, changes: readonly ChangesTo<'total'>[]): Promise<void> {
  const keyOf = ({ customer, department, what, unit }: ChangesTo<'total'>): string => `${customer} ${department} ${what} ${unit}`;
  const rows = summed(changes, keyOf, (sum, row) => {
    sum.count += row.count;
    sum.amountMinor += row.amountMinor;
  });
  if (rows.length === 0) return;
  await transaction.query('card_totals', ADD_TOTALS, [uuids(rows.map(({ customer }) => customer)), ...figuresOf(rows)]);
}

async function addSources(transaction: Transaction, changes: readonly ChangesTo<'source'>[]): Promise<void> {
  const keyOf = ({ system, department, what, unit }: ChangesTo<'source'>): string => `${system} ${department} ${what} ${unit}`;
  const rows = summed(changes, keyOf, (sum, row) => {
    sum.count += row.count;
    sum.amountMinor += row.amountMinor;
    sum.lines += row.lines;
  });
  if (rows.length === 0) return;
  const lines = bigints(rows.map((row) => row.lines));
  await transaction.query('card_sources', ADD_SOURCES, [texts(rows.map(({ system }) => system)), ...figuresOf(rows), lines]);
}

const figuresOf = (rows: readonly Figure[]): unknown[] => [
  texts(rows.map(({ department }) => department)),
  texts(rows.map(({ what }) => what)),
  texts(rows.map(({ unit }) => unit)),
  bigints(rows.map(({ count }) => count)),
  bigints(rows.map(({ amountMinor }) => amountMinor)),
];

/** Writes in which segments customers are. */
export async function setMemberships(transaction: Transaction, changes: readonly MembershipChange[]): Promise<void> {
  const rows = latest(changes, (row) => `${row.customer} ${row.segmentation}`);
  if (rows.length === 0) return;
  await transaction.query('card_memberships', SET_MEMBERSHIPS, [
    uuids(rows.map(({ customer }) => customer)),
    uuids(rows.map(({ segmentation }) => segmentation)),
    uuids(rows.map(({ segment }) => segment)),
    bigints(rows.map(({ since }) => since)),
    integers(rows.map(({ model }) => model)),
    texts(rows.map(({ department }) => department)),
  ]);
}

async function setSegments(transaction: Transaction, changes: readonly ChangesTo<'segment'>[]): Promise<void> {
  const rows = latest(changes, ({ id }) => id);
  if (rows.length === 0) return;
  await transaction.query('card_segments', SET_SEGMENTS, [
    uuids(rows.map(({ id }) => id)),
    texts(rows.map(({ en }) => en)),
    texts(rows.map(({ zh }) => zh)),
  ]);
}
