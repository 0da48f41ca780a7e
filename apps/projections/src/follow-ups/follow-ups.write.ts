import { bigints, booleans, texts, uuids, type Transaction } from '@annals/read-models';

import type { ChangesTo } from '../card/card.changes.js';
import { latest } from '../rows.js';

const SET = `insert into followup (id, customer, department, staff, assigned_department, due_at, is_open)
  select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::boolean[])
  on conflict (id) do update set staff = excluded.staff, assigned_department = excluded.assigned_department, due_at = excluded.due_at,
  is_open = excluded.is_open`;

/** Writes the follow-ups of a batch as they are now. */
export async function writeFollowUps(transaction: Transaction, changes: readonly ChangesTo<'followup'>[]): Promise<void> {
  const rows = latest(changes, ({ id }) => id);
  if (rows.length === 0) return;
  await transaction.query('followups_set', SET, [
    uuids(rows.map(({ id }) => id)),
    uuids(rows.map(({ customer }) => customer)),
    texts(rows.map(({ department }) => department)),
    texts(rows.map(({ staff }) => staff)),
    texts(rows.map(({ assignedDepartment }) => assignedDepartment)),
    bigints(rows.map(({ dueAt }) => dueAt)),
    booleans(rows.map(({ isOpen }) => isOpen)),
  ]);
}
