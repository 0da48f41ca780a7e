import type { FollowUpEvent, ScheduleFollowUp } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import type { FollowUp } from './follow-up.js';

/** Records that something is to be done by a time. */
export function scheduleFollowUp(command: ScheduleFollowUp, state: FollowUp): FollowUpEvent[] {
  if (state.kind !== 'unknown') throw new CommandRejected('conflict', 'follow-up-already-scheduled', 'This follow-up is scheduled already, with other content.');
  const data = { ...command };
  delete data.id;
  delete data.key;
  delete data.meta;
  return [{ type: 'FollowUpScheduled', data }];
}
