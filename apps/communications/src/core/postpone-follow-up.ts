import type { FollowUpEvent, PostponeFollowUp } from '@annals/contracts';
import { mustBeChangeable, type FollowUp } from './follow-up.js';

/** Makes a follow-up due at another time. */
export function postponeFollowUp({ dueAt, zone, reason }: PostponeFollowUp, state: FollowUp): FollowUpEvent[] {
  const before = mustBeChangeable(state);
  if (dueAt === before.dueAt && (zone ?? before.zone) === before.zone) return [];
  return [{ type: 'FollowUpPostponed', data: { dueAt, ...(zone !== undefined && { zone }), ...(reason !== undefined && { reason }) } }];
}
