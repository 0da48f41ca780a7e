import { settled, uuids, type Transaction } from '@annals/read-models';

import type { ChangesTo } from '../card/card.changes.js';
import { MANY } from './duplicates.table.js';

/** What more customers share than this is not told in pairs. */
const MOST_PAIRED = 20;

const FORGET = 'delete from alike a using unnest($1::uuid[]) as k(digest) where a.digest = k.digest';
const MARK_PAIRS = `update alike a set dismissed = exists (select from dismissed d where d.customer = a.one and d.other = a.other)
    or exists (select from dismissed d where d.customer = a.other and d.other = a.one)
  from unnest($1::uuid[], $2::uuid[]) as k(one, other) where a.one = k.one and a.other = k.other`;

/** Made of the tables as they stand, so that it is the same however the batches were cut. */
const FIND = `with recursive shared as materialized (
    select k.digest, c.n from unnest($1::uuid[]) as k(digest)
    cross join lateral (select count(*) as n from (select from point p where p.digest = k.digest limit $2 + 1) p) c where c.n > 1),
  many(digest, department, likeness) as (
    select s.digest, p.department, p.likeness from shared s cross join lateral (
      select p.department, p.likeness from point p where p.digest = s.digest order by p.department limit 1) p where s.n > $2
    union all select m.digest, p.department, p.likeness from many m cross join lateral (
      select p.department, p.likeness from point p where p.digest = m.digest and p.department > m.department order by p.department limit 1) p)
  insert into alike (department, other_department, one, other, digest, likeness, since, dismissed)
  select p.department, q.department, p.customer, q.customer, s.digest, p.likeness, greatest(p.since, q.since),
    exists (select from dismissed d where d.customer = p.customer and d.other = q.customer)
    or exists (select from dismissed d where d.customer = q.customer and d.other = p.customer)
  from shared s cross join lateral (select p.* from point p where p.digest = s.digest and s.n <= $2) p
  cross join lateral (select q.* from point q where q.digest = s.digest and q.customer > p.customer) q
  union all select m.department, m.department, m.digest, $3::uuid, m.digest, m.likeness, null, false from many m`;

/** Writes who may be one; after contact points, references and dismissals themselves. */
export async function writeDuplicates(
  transaction: Transaction,
  to: { readonly point: readonly ChangesTo<'point'>[]; readonly dismissed: readonly ChangesTo<'dismissed'>[] },
): Promise<void> {
  const digests = uuids([...new Set(to.point.map(({ digest }) => digest))].sort());
  const pairs = to.dismissed.map(({ customer, other }) => (customer < other ? ([customer, other] as const) : ([other, customer] as const)));
  await settled([
    ...(pairs.length === 0 ? [] : [transaction.query('duplicates_mark', MARK_PAIRS, [uuids(pairs.map(([one]) => one)), uuids(pairs.map(([, other]) => other))])]),
    ...(to.point.length === 0 ? [] : [transaction.query('duplicates_forget', FORGET, [digests]), transaction.query('duplicates_find', FIND, [digests, MOST_PAIRED, MANY])]),
  ]);
}
