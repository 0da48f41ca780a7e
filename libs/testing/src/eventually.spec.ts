import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('returns the first answer of a probe that has stopped throwing', async () => {
    let calls = 0;
    const answer = await eventually(
      () => {
        calls += 1;
        if (calls < 3) throw new Error('too early');
        return calls;
      },
      { everyMs: 1 },
    );
    expect(answer).toBe(3);
  });

  it('asks again while the answer is false and takes undefined for an answer', async () => {
    const answers = [false, false, undefined] as const;
    let calls = 0;
    expect(await eventually(() => answers[calls++], { everyMs: 1 })).toBeUndefined();
    expect(calls).toBe(3);
  });

  it('throws what the probe threw last when time is up', async () => {
    const waiting = eventually(() => expect(1).toBe(2), { withinMs: 5, everyMs: 1 });
    await expect(waiting).rejects.toThrow(/not within 5 ms: .*expect/s);
  });
});
