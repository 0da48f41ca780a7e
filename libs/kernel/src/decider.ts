import type { Event, Recorded } from './event.js';

/**
 * How a stream's events make its state: the pure half of a decider.
 *
 * The other half is one function a command, `(command, state, now) => Event[]`, in a file of its own;
 * an empty list means that nothing changed. See Chassaing, "Functional Event Sourcing Decider".
 */
export interface Decider<State, E extends Event> {
  /** The state of a stream that has no events. */
  readonly initialState: State;
  /** The state after one more event; never changes the state it is given. */
  readonly evolve: (state: State, event: Recorded<E>) => State;
}

/**
 * Folds a stream's events, oldest first, into its state.
 *
 * @param decider - initial state and evolve
 * @param events - in order of revision
 * @param from - a state to go on from; the initial one by default
 */
export function fold<State, E extends Event>(
  decider: Decider<State, E>,
  events: Iterable<Recorded<E>>,
  from: State = decider.initialState,
): State {
  let state = from;
  for (const event of events) state = decider.evolve(state, event);
  return state;
}
