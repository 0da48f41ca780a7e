import { bigints, settled, texts, uuids, type Transaction } from '@annals/read-models';

import type { FeatureChange } from './features.projection.js';

type ChangesTo<Table extends FeatureChange['to']> = Extract<FeatureChange, { readonly to: Table }>;

const ADD_FIGURES = `insert into figure as f (customer, measure, unit, value)
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[])
  on conflict (customer, measure, unit) do update set value = f.value + excluded.value`;

const ADD_DEALINGS = `insert into dealing (customer, at, record, department)
  select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[]) on conflict do nothing`;

const TAKE_DEALINGS = `delete from dealing d using unnest($1::uuid[], $2::bigint[], $3::uuid[]) as k(customer, at, record)
  where d.customer = k.customer and d.at = k.at and d.record = k.record`;

const MOVE_CLOCK = `insert into clock as c (id, at) values (1, $1)
  on conflict (id) do update set at = excluded.at where excluded.at > c.at`;

/** Writes the changes of a batch, a statement for each table that changes, its rows in key order. */
export async function writeFeatures(transaction: Transaction, changes: readonly FeatureChange[]): Promise<void> {
  const of = <Table extends FeatureChange['to']>(table: Table): ChangesTo<Table>[] =>
    changes.filter((change): change is ChangesTo<Table> => change.to === table);
  await settled([
    addFigures(transaction, of('figure')),
    changeDealings(transaction, of('dealing')),
    moveClock(transaction, of('clock')),
  ]);
}

async function addFigures(transaction: Transaction, changes: readonly ChangesTo<'figure'>[]): Promise<void> {
  const sums = new Map<string, ChangesTo<'figure'>>();
  for (const change of changes) {
    const key = `${change.customer} ${change.measure} ${change.unit}`;
    sums.set(key, { ...change, value: change.value + (sums.get(key)?.value ?? 0) });
  }
  const rows = inKeyOrder(sums);
  if (rows.length === 0) return;
  await transaction.query('features_figures', ADD_FIGURES, [
    uuids(rows.map(({ customer }) => customer)),
    texts(rows.map(({ measure }) => measure)),
    texts(rows.map(({ unit }) => unit)),
    bigints(rows.map(({ value }) => value)),
  ]);
}

async function changeDealings(transaction: Transaction, changes: readonly ChangesTo<'dealing'>[]): Promise<void> {
  // Of several changes to one dealing the last holds: a transaction recorded and cancelled in one batch is not there.
  const last = new Map(changes.map((change) => [`${change.customer} ${change.at} ${change.record}`, change]));
  const rows = inKeyOrder(last);
  const keys = (some: typeof rows): unknown[] => [
    uuids(some.map(({ customer }) => customer)),
    bigints(some.map(({ at }) => at)),
    uuids(some.map(({ record }) => record)),
  ];
  const gone = rows.filter(({ present }) => !present);
  const there = rows.filter(({ present }) => present);
  if (gone.length > 0) await transaction.query('features_dealings_take', TAKE_DEALINGS, keys(gone));
  if (there.length === 0) return;
  await transaction.query('features_dealings', ADD_DEALINGS, [...keys(there), texts(there.map(({ department }) => department))]);
}

async function moveClock(transaction: Transaction, changes: readonly ChangesTo<'clock'>[]): Promise<void> {
  if (changes.length === 0) return;
  await transaction.query('features_clock', MOVE_CLOCK, [changes.reduce((latest, { at }) => Math.max(latest, at), -Infinity)]);
}

/** Rows by ascending key, so that two transactions never wait for each other crosswise. */
function inKeyOrder<Row>(rows: ReadonlyMap<string, Row>): Row[] {
  return [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
