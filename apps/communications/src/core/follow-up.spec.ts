import { scheduleFollowUp as contract, type FollowUpEvent } from '@annals/contracts';
import { given } from '@annals/testing';
import { describe, it } from '@jest/globals';
import { cancelFollowUp } from './cancel-follow-up.js';
import { completeFollowUp } from './complete-follow-up.js';
import { followUp } from './follow-up.js';
import { postponeFollowUp } from './postpone-follow-up.js';
import { reassignFollowUp } from './reassign-follow-up.js';
import { scheduleFollowUp } from './schedule-follow-up.js';

const scheduled: FollowUpEvent = { type: 'FollowUpScheduled', data: { assignee: { staffId: 's-1' }, dueAt: '2024-05-02T09:00:00.000Z', zone: 'Europe/Berlin', text: 'call back' } };
const completed: FollowUpEvent = { type: 'FollowUpCompleted', data: { outcome: 'paid' } };
const cancelled: FollowUpEvent = { type: 'FollowUpCancelled', data: { reason: { code: 'not-needed' } } };
const reason = { code: 'not-needed' };

describe('a follow-up', () => {
  it('is scheduled once', () => {
    const command = contract.parse({ ...scheduled.data, key: 'k' });
    given(followUp, []).when((state) => scheduleFollowUp(command, state)).then(scheduled);
    given(followUp, [scheduled]).when((state) => scheduleFollowUp(command, state)).thenRejected('follow-up-already-scheduled');
  });

  it('is reassigned and postponed where that changes something', () => {
    const assignee = { department: 'emea/uk' };
    given(followUp, [scheduled]).when((state) => reassignFollowUp({ assignee }, state)).then({ type: 'FollowUpReassigned', data: { assignee } });
    given(followUp, [scheduled]).when((state) => reassignFollowUp({ assignee: { staffId: 's-1' } }, state)).then();
    const dueAt = '2024-05-01T09:00:00.000Z';
    given(followUp, [scheduled]).when((state) => postponeFollowUp({ dueAt }, state)).then({ type: 'FollowUpPostponed', data: { dueAt } });
    given(followUp, [scheduled, { type: 'FollowUpPostponed', data: { dueAt } }]).when((state) => postponeFollowUp({ dueAt, zone: 'Europe/Berlin' }, state)).then();
  });

  it('ends once: completed or cancelled, and takes nothing more', () => {
    given(followUp, [scheduled]).when((state) => completeFollowUp({ outcome: 'paid' }, state)).then(completed);
    given(followUp, [scheduled, completed]).when((state) => completeFollowUp({ outcome: 'paid' }, state)).then();
    given(followUp, [scheduled, completed]).when((state) => completeFollowUp({ outcome: 'not paid' }, state)).thenRejected('follow-up-closed');
    given(followUp, [scheduled]).when((state) => cancelFollowUp({ reason }, state)).then(cancelled);
    given(followUp, [scheduled, cancelled]).when((state) => cancelFollowUp({ reason }, state)).then();
    given(followUp, [scheduled, cancelled]).when((state) => completeFollowUp({}, state)).thenRejected('follow-up-closed');
    given(followUp, [scheduled, completed]).when((state) => cancelFollowUp({ reason }, state)).thenRejected('follow-up-closed');
    given(followUp, [scheduled, completed]).when((state) => reassignFollowUp({ assignee: { staffId: 's-2' } }, state)).thenRejected('follow-up-closed');
  });

  it('must be there, and is put off at most a thousand times, but can always be ended', () => {
    given(followUp, []).when((state) => cancelFollowUp({ reason }, state)).thenRejected('follow-up-not-found');
    const often = Array.from({ length: 1_000 }, (_, index): FollowUpEvent => ({ type: 'FollowUpReassigned', data: { assignee: { staffId: `s-${index}` } } }));
    given(followUp, [scheduled, ...often]).when((state) => reassignFollowUp({ assignee: { staffId: 'x' } }, state)).thenRejected('follow-up-full');
    given(followUp, [scheduled, ...often]).when((state) => cancelFollowUp({ reason }, state)).then(cancelled);
  });
});
