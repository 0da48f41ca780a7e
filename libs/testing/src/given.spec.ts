import { CommandRejected, type Decider } from '@annals/kernel';
import { describe, expect, it } from '@jest/globals';
import { given, recorded } from './given.js';

type Counted = { type: 'Counted'; data: { by: number } };
const counted = (by: number): Counted => ({ type: 'Counted', data: { by } });
const counter: Decider<number, Counted> = { initialState: 0, evolve: (sum, event) => sum + event.data.by };

function count(sum: number, by: number): Counted[] {
  if (sum + by > 10) throw new CommandRejected('conflict', 'counter-full', 'ten is the most');
  return by === 0 ? [] : [counted(by)];
}

describe('given, when, then', () => {
  it('compares the events of a command on the folded state', () => {
    given(counter, [counted(3)]).when((sum) => count(sum, 7)).then(counted(7));
    given(counter, [counted(3)]).when((sum) => count(sum, 0)).then();
  });

  it('fails on other events than those expected', () => {
    const outcome = given(counter, []).when((sum) => count(sum, 7));
    expect(() => outcome.then(counted(8))).toThrow();
    expect(() => outcome.then()).toThrow();
    expect(() => outcome.thenRejected('counter-full')).toThrow();
  });

  it('knows a refusal by its code', () => {
    const outcome = given(counter, [counted(9)]).when((sum) => count(sum, 2));
    outcome.thenRejected('counter-full');
    expect(() => outcome.thenRejected('counter-empty')).toThrow();
    expect(() => outcome.then(counted(2))).toThrow('ten is the most');
  });

  it('lets an error that is no refusal through', () => {
    expect(() =>
      given(counter, []).when(() => {
        throw new TypeError('a defect');
      }),
    ).toThrow(TypeError);
  });

  it('numbers recorded events as a stream does', () => {
    const [first, second] = recorded([counted(1), counted(2)], { stream: 'counter-1' });
    expect(first).toMatchObject({ stream: 'counter-1', revision: 0, position: 1 });
    expect(second).toMatchObject({ revision: 1, position: 2, recordedAt: (first?.recordedAt ?? 0) + 1_000 });
  });
});
