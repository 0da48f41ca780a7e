import { bigints, settled, texts, uuids, type Transaction } from '@annals/read-models';

import type { ChangesTo } from '../card/card.changes.js';
import { inKeyOrder, latest } from '../rows.js';
import { pathsOf } from '../scope.js';
import { NEVER } from './customers.table.js';

const LIST = `insert into listed (path, customer, department, country, name, registered_at)
  select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[])
  on conflict (path, customer) do update set department = excluded.department, country = excluded.country, name = excluded.name,
  registered_at = excluded.registered_at`;

/** Also where there is nothing left: whether a row is there must not depend on what came in one batch. */
const MEET = `insert into listed as l (path, customer, last_at) select * from unnest($1::text[], $2::uuid[], $3::bigint[])
  on conflict (path, customer) do update set last_at = excluded.last_at where excluded.last_at > l.last_at`;

/** A last contact that is taken back: the one before it is found among those that are left. */
const PART = `update listed l set last_at = coalesce((
    select max(c.at) from (select distinct t.unit from total t where t.customer = l.customer and t.what = 'communication') media
    cross join lateral (
      select c.at from contact c where c.customer = l.customer and c.medium = media.unit
      and (l.path = '' or c.department = l.path or c.department like l.path || '/%') order by c.at desc limit 1) c), $3)
  from unnest($1::text[], $2::uuid[]) as k(path, customer) where l.path = k.path and l.customer = k.customer`;

const BILL = `insert into billed as b (path, customer, currency, count, amount_minor)
  select * from unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[])
  on conflict (path, customer, currency) do update set count = b.count + excluded.count, amount_minor = b.amount_minor + excluded.amount_minor`;

const BILLED = new Set(['invoice', 'credit-note', 'adjustment']);

/** Writes what the list of customers shows of the changes of a batch; after their contacts and totals. */
export async function writeCustomers(
  transaction: Transaction,
  to: { readonly listed: readonly ChangesTo<'listed'>[]; readonly contact: readonly ChangesTo<'contact'>[]; readonly total: readonly ChangesTo<'total'>[] },
): Promise<void> {
  await settled([list(transaction, to.listed), meet(transaction, to.contact), part(transaction, to.contact), bill(transaction, to.total)]);
}

async function list(transaction: Transaction, changes: readonly ChangesTo<'listed'>[]): Promise<void> {
  const rows = latest(
    changes.flatMap((change) => pathsOf(change.department).map((path) => ({ ...change, path }))),
    ({ path, customer }) => `${path} ${customer}`,
  );
  if (rows.length === 0) return;
  await transaction.query('customers_list', LIST, [
    texts(rows.map(({ path }) => path)),
    uuids(rows.map(({ customer }) => customer)),
    texts(rows.map(({ department }) => department)),
    texts(rows.map(({ country }) => country)),
    texts(rows.map(({ name }) => name)),
    bigints(rows.map(({ registeredAt }) => registeredAt)),
  ]);
}

interface Met {
  readonly path: string;
  readonly customer: string;
  at: number;
}

async function meet(transaction: Transaction, changes: readonly ChangesTo<'contact'>[]): Promise<void> {
  const met = new Map<string, Met>();
  for (const { customer, department, at, present } of changes) {
    for (const path of pathsOf(department)) {
      const key = `${path} ${customer}`;
      const meeting = met.get(key);
      const time = present ? at : NEVER;
      if (meeting === undefined) met.set(key, { path, customer, at: time });
      else meeting.at = Math.max(meeting.at, time);
    }
  }
  const rows = inKeyOrder(met);
  if (rows.length === 0) return;
  await transaction.query('customers_meet', MEET, [...placesOf(rows), bigints(rows.map(({ at }) => at))]);
}

const placesOf = (rows: readonly { readonly path: string; readonly customer: string }[]): unknown[] => [
  texts(rows.map(({ path }) => path)),
  uuids(rows.map(({ customer }) => customer)),
];

async function part(transaction: Transaction, changes: readonly ChangesTo<'contact'>[]): Promise<void> {
  const rows = latest(
    changes.filter(({ present }) => !present).flatMap(({ customer, department }) => pathsOf(department).map((path) => ({ path, customer }))),
    ({ path, customer }) => `${path} ${customer}`,
  );
  if (rows.length > 0) await transaction.query('customers_part', PART, [...placesOf(rows), NEVER]);
}

async function bill(transaction: Transaction, changes: readonly ChangesTo<'total'>[]): Promise<void> {
  const sums = new Map<string, { readonly path: string; readonly customer: string; readonly currency: string; count: number; amountMinor: number }>();
  for (const { what, customer, department, unit: currency, count, amountMinor } of changes) {
    if (!BILLED.has(what)) continue;
    for (const path of pathsOf(department)) {
      const key = `${path} ${customer} ${currency}`;
      const sum = sums.get(key);
      if (sum === undefined) {
        sums.set(key, { path, customer, currency, count, amountMinor });
        continue;
      }
      sum.count += count;
      sum.amountMinor += amountMinor;
    }
  }
  const rows = inKeyOrder(sums);
  if (rows.length === 0) return;
  await transaction.query('customers_bill', BILL, [
    ...placesOf(rows),
    texts(rows.map(({ currency }) => currency)),
    bigints(rows.map(({ count }) => count)),
    bigints(rows.map(({ amountMinor }) => amountMinor)),
  ]);
}
