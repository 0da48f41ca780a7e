import { plain, settled, texts, type Transaction } from '@annals/read-models';

import type { CardChange, ChangesTo, Figure } from './card.changes.js';

const ADD_TOTALS = `insert into total as t (customer, department, what, unit, count, amount_minor)
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
  on conflict (customer, department, what, unit) do update
  set count = t.count + excluded.count, amount_minor = t.amount_minor + excluded.amount_minor`;

const ADD_SOURCES = `insert into source as s (system, department, what, unit, count, amount_minor, lines)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
  on conflict (system, department, what, unit) do update
  set count = s.count + excluded.count, amount_minor = s.amount_minor + excluded.amount_minor, lines = s.lines + excluded.lines`;

const ADD_CONTACTS = `insert into contact (customer, medium, at, communication, department)
  select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::uuid[], $5::text[]) on conflict do nothing`;

const TAKE_CONTACTS = `delete from contact c
  using unnest($1::uuid[], $2::text[], $3::bigint[], $4::uuid[]) as k(customer, medium, at, communication)
  where c.customer = k.customer and c.medium = k.medium and c.at = k.at and c.communication = k.communication`;

const ADD_NAMES = `insert into name (customer, name, department)
  select * from unnest($1::uuid[], $2::text[], $3::text[]) on conflict do nothing`;

const TAKE_NAMES = `delete from name n using unnest($1::uuid[], $2::text[]) as k(customer, name)
  where n.customer = k.customer and n.name = k.name`;

const ADD_REFERENCES = `insert into reference (system, id, customer, department)
  select * from unnest($1::text[], $2::text[], $3::uuid[], $4::text[]) on conflict do nothing`;

const SET_MEMBERSHIPS = `insert into membership (customer, segmentation, segment, since, model, department)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::integer[], $6::text[])
  on conflict (customer, segmentation) do update
  set segment = excluded.segment, since = excluded.since, model = excluded.model, department = excluded.department`;

const SET_SEGMENTS = `insert into segment (id, en, zh) select * from unnest($1::uuid[], $2::text[], $3::text[])
  on conflict (id) do update set en = excluded.en, zh = excluded.zh`;

type Changes = { readonly [Table in CardChange['to']]: ChangesTo<Table>[] };

/** Writes the changes of a batch: a statement for each table that changes, its rows in key order. */
export async function writeCard(transaction: Transaction, changes: readonly CardChange[]): Promise<void> {
  const to = byTable(changes);
  await settled([
    addTotals(transaction, to.total),
    addSources(transaction, to.source),
    changeContacts(transaction, to.contact),
    changeNames(transaction, to.name),
    addReferences(transaction, to.reference),
    setMemberships(transaction, to.membership),
    setSegments(transaction, to.segment),
  ]);
}

function byTable(changes: readonly CardChange[]): Changes {
  const to: Changes = { total: [], source: [], contact: [], name: [], reference: [], membership: [], segment: [] };
  // Each change goes to the list of its own table, which the compiler cannot see.
  for (const change of changes) (to[change.to] as CardChange[]).push(change);
  return to;
}

/** The rows in key order; of several with one key the last. */
function latest<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  return inKeyOrder(new Map(rows.map((row) => [keyOf(row), row])));
}

function inKeyOrder<Row>(rows: ReadonlyMap<string, Row>): Row[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
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
  await transaction.query('card_totals', ADD_TOTALS, [plain(rows.map(({ customer }) => customer)), ...figuresOf(rows)]);
}

async function addSources(transaction: Transaction, changes: readonly ChangesTo<'source'>[]): Promise<void> {
  const keyOf = ({ system, department, what, unit }: ChangesTo<'source'>): string => `${system} ${department} ${what} ${unit}`;
  const rows = summed(changes, keyOf, (sum, row) => {
    sum.count += row.count;
    sum.amountMinor += row.amountMinor;
    sum.lines += row.lines;
  });
  if (rows.length === 0) return;
  const lines = plain(rows.map((row) => row.lines));
  await transaction.query('card_sources', ADD_SOURCES, [texts(rows.map(({ system }) => system)), ...figuresOf(rows), lines]);
}

const figuresOf = (rows: readonly Figure[]): unknown[] => [
  texts(rows.map(({ department }) => department)),
  texts(rows.map(({ what }) => what)),
  texts(rows.map(({ unit }) => unit)),
  plain(rows.map(({ count }) => count)),
  plain(rows.map(({ amountMinor }) => amountMinor)),
];

async function changeContacts(transaction: Transaction, changes: readonly ChangesTo<'contact'>[]): Promise<void> {
  const rows = latest(changes, (row) => `${row.customer} ${row.medium} ${row.at} ${row.communication}`);
  const keys = (some: typeof rows): unknown[] => [
    plain(some.map(({ customer }) => customer)),
    texts(some.map(({ medium }) => medium)),
    plain(some.map(({ at }) => at)),
    plain(some.map(({ communication }) => communication)),
  ];
  const gone = rows.filter(({ present }) => !present);
  const there = rows.filter(({ present }) => present);
  await settled([
    gone.length > 0 ? transaction.query('card_contacts_take', TAKE_CONTACTS, keys(gone)) : Promise.resolve(),
    there.length > 0
      ? transaction.query('card_contacts', ADD_CONTACTS, [...keys(there), texts(there.map(({ department }) => department))])
      : Promise.resolve(),
  ]);
}

async function changeNames(transaction: Transaction, changes: readonly ChangesTo<'name'>[]): Promise<void> {
  const rows = latest(changes, (row) => `${row.customer} ${row.name}`);
  const keys = (some: typeof rows): unknown[] => [plain(some.map(({ customer }) => customer)), texts(some.map(({ name }) => name))];
  const gone = rows.filter(({ present }) => !present);
  const there = rows.filter(({ present }) => present);
  await settled([
    gone.length > 0 ? transaction.query('card_names_take', TAKE_NAMES, keys(gone)) : Promise.resolve(),
    there.length > 0
      ? transaction.query('card_names', ADD_NAMES, [...keys(there), texts(there.map(({ department }) => department))])
      : Promise.resolve(),
  ]);
}

async function addReferences(transaction: Transaction, changes: readonly ChangesTo<'reference'>[]): Promise<void> {
  const rows = latest(changes, (row) => `${row.system} ${row.id} ${row.customer}`);
  if (rows.length === 0) return;
  await transaction.query('card_references', ADD_REFERENCES, [
    texts(rows.map(({ system }) => system)),
    texts(rows.map(({ id }) => id)),
    plain(rows.map(({ customer }) => customer)),
    texts(rows.map(({ department }) => department)),
  ]);
}

async function setMemberships(transaction: Transaction, changes: readonly ChangesTo<'membership'>[]): Promise<void> {
  const rows = latest(changes, (row) => `${row.customer} ${row.segmentation}`);
  if (rows.length === 0) return;
  await transaction.query('card_memberships', SET_MEMBERSHIPS, [
    plain(rows.map(({ customer }) => customer)),
    plain(rows.map(({ segmentation }) => segmentation)),
    plain(rows.map(({ segment }) => segment)),
    plain(rows.map(({ since }) => since)),
    plain(rows.map(({ model }) => model)),
    texts(rows.map(({ department }) => department)),
  ]);
}

async function setSegments(transaction: Transaction, changes: readonly ChangesTo<'segment'>[]): Promise<void> {
  const rows = latest(changes, ({ id }) => id);
  if (rows.length === 0) return;
  await transaction.query('card_segments', SET_SEGMENTS, [
    plain(rows.map(({ id }) => id)),
    texts(rows.map(({ en }) => en)),
    texts(rows.map(({ zh }) => zh)),
  ]);
}
