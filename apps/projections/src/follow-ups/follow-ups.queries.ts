import { CATEGORIES, type FollowUp, type Scope } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import { slice, type Cursor, type Slice } from '../keyset.js';
import { patternsOf } from '../scope.js';
import { Statement, UNNAMED } from '../statement.js';
import { followUpOf, type FollowUpState } from './follow-up.state.js';

const FOLLOW_UP = CATEGORIES.indexOf('followup');

/** What a list of open follow-ups is narrowed to; times in milliseconds since the epoch, the end of the period excluded. */
export interface FollowUpsFilter {
  readonly assignee?: string | undefined;
  /** A department that is to do it, or one below it. */
  readonly assignedTo?: string | undefined;
  readonly customer?: string | undefined;
  readonly dueFrom?: number | undefined;
  readonly dueBefore?: number | undefined;
}

interface FollowUpValues {
  readonly id: string;
  readonly due_at: string;
  readonly revision: number;
  readonly state: string;
}

/** A page of open follow-ups, the first that is due first. */
export async function listFollowUps(
  reader: ReadModelReader,
  scope: Scope,
  { filter, limit, cursor }: { readonly filter: FollowUpsFilter; readonly limit: number; readonly cursor: Cursor | undefined },
): Promise<Slice<FollowUp>> {
  const isBack = cursor?.to === 'previous';
  const order = isBack ? ' order by f.due_at desc, f.id desc' : ' order by f.due_at, f.id';
  const statement = new Statement()
    .add('select f.id, f.due_at, s.revision, s.state from (select f.id, f.due_at from followup f where f.is_open and f.department like any(?)', patternsOf(scope))
    .addIf(filter.assignee, ' and f.staff = ?')
    .addIf(filter.assignedTo && patternsOf({ departments: [filter.assignedTo] }), ' and f.assigned_department like any(?)')
    .addIf(filter.customer, ' and f.customer = ?')
    .addIf(filter.dueFrom, ' and f.due_at >= ?')
    .addIf(filter.dueBefore, ' and f.due_at < ?');
  const [at, id] = cursor?.keys ?? [];
  if (cursor !== undefined) statement.add(isBack ? ' and (f.due_at, f.id) < (?::bigint, ?::uuid)' : ' and (f.due_at, f.id) > (?::bigint, ?::uuid)', at, id);
  statement.add(`${order} limit ?`, limit + 1).add(') f join stream_state s on s.id = f.id and s.category = ?', FOLLOW_UP).add(order);
  const found = await reader.query<FollowUpValues>(UNNAMED, statement.text, statement.values);
  const page = slice(found, limit, cursor, (row) => [row.due_at, row.id]);
  // The text was written by foldStreams, from a FollowUpState.
  return { ...page, rows: page.rows.map((row) => followUpOf(row.id, row.revision, JSON.parse(row.state) as FollowUpState)) };
}
