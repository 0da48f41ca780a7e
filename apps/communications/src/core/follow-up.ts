import { canonicalJson, type AnnalsEvent, type FollowUpEvent } from '@annals/contracts';
import { CommandRejected, type Decider } from '@annals/kernel';

/** Who is to do it, as events hold it. */
export type Assignee = AnnalsEvent<'FollowUpScheduled'>['data']['assignee'];
/** How it ended: the event's data. */
type Completed = AnnalsEvent<'FollowUpCompleted'>['data'];

/** A follow-up that was scheduled. */
interface Scheduled {
  readonly assignee: Assignee;
  readonly dueAt: string;
  readonly zone: string | undefined;
  /** Events so far. */
  readonly events: number;
}

/** One that is still to be done. */
export type OpenFollowUp = Scheduled & { readonly kind: 'open' };

/** What the commands of follow-ups need to know of one. */
export type FollowUp =
  | { readonly kind: 'unknown' }
  | OpenFollowUp
  | (Scheduled & { readonly kind: 'completed'; readonly completion: Completed })
  | (Scheduled & { readonly kind: 'cancelled' });

/** A follow-up that was put off so often is to be cancelled; the stream keeps room for that. */
const MAX_CHANGES = 1_000;

/** A follow-up's stream as its state. */
export const followUp: Decider<FollowUp, FollowUpEvent> = {
  initialState: { kind: 'unknown' },
  evolve: (state, event) => {
    if (event.type === 'FollowUpScheduled') {
      const { assignee, dueAt, zone } = event.data;
      return { kind: 'open', assignee, dueAt, zone, events: 1 };
    }
    if (state.kind === 'unknown') return state;
    const after = { ...state, events: state.events + 1 };
    switch (event.type) {
      case 'FollowUpReassigned':
        return { ...after, assignee: event.data.assignee };
      case 'FollowUpPostponed':
        return { ...after, dueAt: event.data.dueAt, zone: event.data.zone ?? state.zone };
      case 'FollowUpCompleted':
        return { ...after, kind: 'completed', completion: event.data };
      case 'FollowUpCancelled':
        return { ...after, kind: 'cancelled' };
    }
  },
};

/** @throws CommandRejected where it was never scheduled */
export function mustBeScheduled(state: FollowUp): Exclude<FollowUp, { kind: 'unknown' }> {
  if (state.kind !== 'unknown') return state;
  throw new CommandRejected('not-found', 'follow-up-not-found', 'There is no such follow-up.');
}

/** @throws CommandRejected where it is not there, or done with */
export function mustBeOpen(state: FollowUp): OpenFollowUp {
  const scheduled = mustBeScheduled(state);
  if (scheduled.kind === 'open') return scheduled;
  throw new CommandRejected('conflict', 'follow-up-closed', 'This follow-up is completed or cancelled; schedule another one.');
}

/** @throws CommandRejected where it was changed too often */
export function mustBeChangeable(state: FollowUp): OpenFollowUp {
  const open = mustBeOpen(state);
  if (open.events < MAX_CHANGES) return open;
  throw new CommandRejected('conflict', 'follow-up-full', `A follow-up is changed at most ${MAX_CHANGES} times: complete or cancel it.`);
}

/** Whether two assignees are one. */
export const isSameAssignee = (a: Assignee, b: Assignee): boolean => canonicalJson(a) === canonicalJson(b);
