import type { AnnalsEvent, CommunicationEvent } from '@annals/contracts';
import type { Decider } from '@annals/kernel';

/** Whom or what a communication concerns, as events hold it. */
export type Subject = AnnalsEvent<'CommunicationLinked'>['data']['subject'];

/** What the commands of communications need to know of one. */
export type Communication = { readonly kind: 'unknown' } | { readonly kind: 'logged'; readonly subjects: readonly Subject[] };

/** A communication's stream as its state. */
export const communication: Decider<Communication, CommunicationEvent> = {
  initialState: { kind: 'unknown' },
  evolve: (state, event) => {
    if (event.type === 'CommunicationLogged') return { kind: 'logged', subjects: event.data.subjects };
    if (event.type !== 'CommunicationLinked' || state.kind === 'unknown') return state;
    return { ...state, subjects: [...state.subjects, event.data.subject] };
  },
};
