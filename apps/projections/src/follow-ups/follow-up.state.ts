import type { Erased, FollowUp, RecordedEvent } from '@annals/contracts';

/** What is kept of a follow-up: all that is shown of it. */
export interface FollowUpState {
  readonly of: 'followup';
  readonly department: string;
  readonly staffId: string | null;
  readonly assignedDepartment: string | null;
  readonly dueAt: string;
  readonly zone: string | null;
  readonly subject: FollowUp['subject'];
  readonly communication: string | null;
  readonly text: string | Erased;
  readonly status: FollowUp['status'];
}

type Assignee = RecordedEvent<'FollowUpScheduled'>['data']['assignee'];

const assigned = (assignee: Assignee): Pick<FollowUpState, 'staffId' | 'assignedDepartment'> =>
  'staffId' in assignee ? { staffId: assignee.staffId, assignedDepartment: null } : { staffId: null, assignedDepartment: assignee.department };

/** The state that a follow-up begins with. */
export function scheduled({ data, metadata }: RecordedEvent<'FollowUpScheduled'>): FollowUpState {
  const { assignee, dueAt, zone, subject, communication, text } = data;
  return {
    of: 'followup',
    department: metadata.department,
    ...assigned(assignee),
    dueAt,
    zone: zone ?? null,
    subject: subject ?? null,
    communication: communication ?? null,
    text,
    status: 'open',
  };
}

/** A follow-up after one more event of its stream. */
export function followUpAfter(state: FollowUpState, event: RecordedEvent): FollowUpState {
  switch (event.type) {
    case 'FollowUpReassigned':
      return { ...state, ...assigned(event.data.assignee) };
    case 'FollowUpPostponed':
      return { ...state, dueAt: event.data.dueAt, zone: event.data.zone ?? state.zone };
    case 'FollowUpCompleted':
      return { ...state, status: 'completed' };
    case 'FollowUpCancelled':
      return { ...state, status: 'cancelled' };
    default:
      return state;
  }
}

/** The customer whom a follow-up is about, where it is one. */
export function customerOf({ subject }: FollowUpState): string | null {
  return subject !== null && 'customer' in subject ? subject.customer : null;
}

/** The follow-up as it is shown. */
export function followUpOf(id: string, revision: number, { of: _, staffId, assignedDepartment, ...shown }: FollowUpState): FollowUp {
  const assignee = staffId === null ? { department: assignedDepartment ?? shown.department } : { staffId };
  return { id, revision, assignee, ...shown };
}
