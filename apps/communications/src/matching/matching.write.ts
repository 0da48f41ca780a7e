import { settled, uuids, type Transaction } from '@annals/read-models';

import { customerOf, type MatchingChange, type Owner, type Used } from './matching.projection.js';

/** An address that more customers share than this says nothing of whose it was. */
const MOST_OWNERS = 50;

const SET_OWNERS = `insert into owner (digest, customer, department, contact_point, added, removed)
  select digest, customer, department, contact_point, added, removed
  from jsonb_to_recordset($1::jsonb) as x(digest uuid, customer uuid, department text, contact_point uuid, added bigint, removed bigint)
  on conflict (digest, customer, contact_point, added) do update set removed = excluded.removed`;

const SET_COMMUNICATIONS = `insert into communication (id, at, department, retracted, subjects, judged)
  select id, at, department, retracted, subjects, judged
  from jsonb_to_recordset($1::jsonb) as x(id uuid, at bigint, department text, retracted boolean, subjects uuid[], judged uuid[])
  on conflict (id) do update set at = excluded.at, department = excluded.department, retracted = excluded.retracted,
    subjects = excluded.subjects, judged = excluded.judged`;

const FORGET_SIGHTINGS = 'delete from sighting where communication = any($1::uuid[])';
const SET_SIGHTINGS = `insert into sighting (digest, communication, kind, position, cause)
  select digest, communication, kind, position, cause
  from jsonb_to_recordset($1::jsonb) as x(digest uuid, communication uuid, kind text, position bigint, cause uuid)`;

const FORGET_OF_ADDRESSES = 'delete from suggestion where digest = any($1::uuid[])';
const FORGET_OF_COMMUNICATIONS = 'delete from suggestion where communication = any($1::uuid[])';

/**
 * What follows for each address of a communication, as the tables stand: a function of them alone, so that it is the
 * same however the batches were cut. Whom an address belonged to when it was used goes by positions in the log, so
 * that reading the log again decides as was decided first.
 */
const SUGGEST = `insert into suggestion (communication, digest, kind, at, department, customers, owner_then, cause)
  select s.communication, s.digest, s.kind, c.at, c.department, w.open, w.owner_then, s.cause
  from (select digest, communication from sighting where digest = any($1::uuid[])
    union select digest, communication from sighting where communication = any($2::uuid[])) as touched
  join sighting s on s.digest = touched.digest and s.communication = touched.communication
  join communication c on c.id = s.communication
  cross join lateral (
    select coalesce(array_agg(distinct customer order by customer) filter (where removed is null), '{}') as present,
      coalesce(array_agg(distinct customer order by customer)
        filter (where added < s.position and (removed is null or removed > s.position)), '{}') as before
    from owner where owner.digest = s.digest) as o
  cross join lateral (
    select array(select each from unnest(o.present) as each where each <> all(c.judged) order by each) as open,
      case when cardinality(o.before) = 1 and o.before[1] <> all(c.judged) then o.before[1] end as owner_then) as w
  where not c.retracted and (w.owner_then is not null
    or (cardinality(o.present) <= ${MOST_OWNERS} and cardinality(w.open) > 0 and not (o.present && c.subjects)))`;

/** Writes what a batch changes, and what follows from it. */
export async function writeMatching(transaction: Transaction, changes: readonly MatchingChange[]): Promise<void> {
  const owners = new Map<string, Owner>();
  const used = new Map<string, Used>();
  for (const change of changes) {
    if (change.to === 'owner') owners.set(`${change.digest} ${change.customer} ${change.contact_point} ${change.added}`, change);
    else used.set(change.id, change);
  }
  if (owners.size + used.size === 0) return;
  const digests = uuids([...new Set([...owners.values()].map(({ digest }) => digest))].sort());
  const communications = [...used.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const ids = uuids(communications.map(({ id }) => id));
  const rows = communications.map(({ links, ...row }) => ({ ...row, subjects: [...new Set(links.map(customerOf))].sort(), judged: [...row.judged].sort() }));
  const sightings = communications.flatMap(({ id, sightings: seen }) => seen.map((sighting) => ({ ...sighting, communication: id })));
  const sorted = [...owners.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, owner]) => owner);
  await settled([
    transaction.query('matching_owners', SET_OWNERS, [JSON.stringify(sorted)]),
    transaction.query('matching_communications', SET_COMMUNICATIONS, [JSON.stringify(rows)]),
    transaction.query('matching_unsee', FORGET_SIGHTINGS, [ids]),
    transaction.query('matching_sightings', SET_SIGHTINGS, [JSON.stringify(sightings)]),
    transaction.query('matching_forget_addresses', FORGET_OF_ADDRESSES, [digests]),
    transaction.query('matching_forget_communications', FORGET_OF_COMMUNICATIONS, [ids]),
    transaction.query('matching_suggest', SUGGEST, [digests, ids]),
  ]);
}
