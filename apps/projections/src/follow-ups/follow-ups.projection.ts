import type { ChangesTo } from '../card/card.changes.js';
import { customerOf, type FollowUpState } from './follow-up.state.js';

/** The row of a follow-up as it is now. */
export function followUpRow(id: string, state: FollowUpState): ChangesTo<'followup'> {
  const { department, staffId: staff, assignedDepartment, dueAt, status } = state;
  return { to: 'followup', id, customer: customerOf(state), department, staff, assignedDepartment, dueAt: Date.parse(dueAt), isOpen: status === 'open' };
}
