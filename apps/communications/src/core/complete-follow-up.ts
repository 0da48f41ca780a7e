import { canonicalJson, type CompleteFollowUp, type FollowUpEvent } from '@annals/contracts';
import { mustBeOpen, mustBeScheduled, type FollowUp } from './follow-up.js';

/** Records that it is done. Said again with the same outcome, it changes nothing. */
export function completeFollowUp({ outcome, communication }: CompleteFollowUp, state: FollowUp): FollowUpEvent[] {
  const data = { ...(outcome !== undefined && { outcome }), ...(communication !== undefined && { communication }) };
  const scheduled = mustBeScheduled(state);
  if (scheduled.kind === 'completed' && canonicalJson(scheduled.completion) === canonicalJson(data)) return [];
  mustBeOpen(scheduled);
  return [{ type: 'FollowUpCompleted', data }];
}
