import type { FollowUpEvent, ReassignFollowUp } from '@annals/contracts';
import { isSameAssignee, mustBeChangeable, type FollowUp } from './follow-up.js';

/** Gives a follow-up to somebody else. */
export function reassignFollowUp({ assignee, reason }: ReassignFollowUp, state: FollowUp): FollowUpEvent[] {
  if (isSameAssignee(mustBeChangeable(state).assignee, assignee)) return [];
  return [{ type: 'FollowUpReassigned', data: { assignee, ...(reason !== undefined && { reason }) } }];
}
