import type { CancelFollowUp, FollowUpEvent } from '@annals/contracts';
import { mustBeOpen, type FollowUp } from './follow-up.js';

/** Records that it need not be done; one that is cancelled stays so. */
export function cancelFollowUp({ reason }: CancelFollowUp, state: FollowUp): FollowUpEvent[] {
  if (state.kind === 'cancelled') return [];
  mustBeOpen(state);
  return [{ type: 'FollowUpCancelled', data: { reason } }];
}
