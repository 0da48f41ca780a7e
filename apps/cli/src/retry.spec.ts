import { describe, expect, it } from '@jest/globals';

import { retrying, TryAgain } from './retry.js';

const { signal } = new AbortController();

describe('trying again', () => {
  it('goes on until it succeeds, and says why it waits', async () => {
    const reasons: string[] = [];
    let tries = 0;
    const attempt = async (): Promise<number> => {
      tries++;
      if (tries < 3) throw new TryAgain(`try ${tries}`);
      return tries;
    };
    expect(await retrying(attempt, { forMs: 60_000, signal, onWait: (reason) => reasons.push(reason) })).toBe(3);
    expect(reasons).toEqual(['try 1', 'try 2']);
  });

  it('throws what is no reason to try again at once', async () => {
    let tries = 0;
    const attempt = async (): Promise<void> => {
      tries++;
      throw new RangeError('no');
    };
    await expect(retrying(attempt, { forMs: 60_000, signal })).rejects.toThrow(RangeError);
    expect(tries).toBe(1);
  });

  it('tries once where there is no patience', async () => {
    let tries = 0;
    const attempt = async (): Promise<void> => {
      tries++;
      throw new TryAgain('gone');
    };
    await expect(retrying(attempt, { forMs: 0, signal })).rejects.toThrow('gone');
    expect(tries).toBe(1);
  });

  it('stops waiting when it is told to', async () => {
    const stop = new AbortController();
    const attempt = (): Promise<void> => Promise.reject(new TryAgain('gone'));
    const trying = retrying(attempt, { forMs: 60_000, signal: stop.signal, onWait: () => stop.abort() });
    await expect(trying).rejects.toMatchObject({ name: 'AbortError' });
  });
});
