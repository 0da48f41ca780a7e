import { deepStrictEqual } from 'node:assert/strict';
import { fold, CommandRejected, type Decider, type Event, type Recorded } from '@annals/kernel';

/** What a recorded event carries beside type and data; whatever a test does not name gets a sensible value. */
export type RecordedDefaults<E extends Event> = Partial<Omit<Recorded<E>, 'type' | 'data'>>;

/** The second half of a test of a decider: what came of the command. */
export interface Decided<E extends Event> {
  /** Expects exactly these events; none means that nothing changed. */
  then(...events: readonly E[]): void;
  /** Expects the command to be refused with this code. */
  thenRejected(code: string): void;
}

/** The first half of a test of a decider: the state that the command meets. */
export interface Given<State, E extends Event> {
  /** Runs the command on the folded state. */
  when(decide: (state: State) => readonly E[]): Decided<E>;
}

/**
 * Events as the log would hold them, in one stream, a second apart.
 *
 * @param events - oldest first
 * @param defaults - envelope of all of them, where the test cares: `{ stream: 'customer-...' }`
 */
export function recorded<E extends Event>(events: readonly E[], defaults: RecordedDefaults<E> = {}): Recorded<E>[] {
  return events.map((event, index) => {
    const recordedAt = Date.UTC(2024, 0, 1) + index * 1_000;
    return {
      stream: 'test-00000000-0000-4000-8000-000000000000',
      revision: index,
      position: index + 1,
      id: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
      recordedAt,
      metadata: { effectiveAt: new Date(recordedAt).toISOString() },
      ...defaults,
      ...event,
    };
  });
}

/**
 * A test of a decider as a sentence: `given(customer, [registered]).when((state) => rename(state, command, now)).then(renamed)`.
 *
 * @param decider - the pure half under test
 * @param events - what happened before, oldest first; use `recorded` for events whose envelope matters
 */
export function given<State, E extends Event>(
  decider: Decider<State, E>,
  events: readonly NoInfer<E>[] | readonly NoInfer<Recorded<E>>[],
): Given<State, E> {
  const history = events.map((event, index) => (isRecorded(event) ? event : recordedAt(event, index)));
  const state = fold(decider, history);
  return { when: (decide) => outcomeOf(() => decide(state)) };
}

function recordedAt<E extends Event>(event: E, index: number): Recorded<E> {
  const [one] = recorded([event], { revision: index, position: index + 1 } as RecordedDefaults<E>);
  if (one === undefined) throw new Error('one event in, one event out');
  return one;
}

function isRecorded<E extends Event>(event: E | Recorded<E>): event is Recorded<E> {
  return 'position' in event;
}

function outcomeOf<E extends Event>(decide: () => readonly E[]): Decided<E> {
  let events: readonly E[] = [];
  let rejected: CommandRejected | undefined;
  try {
    events = decide();
  } catch (error) {
    if (!(error instanceof CommandRejected)) throw error;
    rejected = error;
  }
  return {
    then: (...expected) => {
      if (rejected !== undefined) throw rejected;
      deepStrictEqual([...events], [...expected]);
    },
    thenRejected: (code) => deepStrictEqual(rejected?.code ?? [...events], code),
  };
}
