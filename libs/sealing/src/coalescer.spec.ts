import { describe, expect, it } from '@jest/globals';

import { Coalescer } from './coalescer.js';
import { KeyStoreUnavailable } from './key-store.js';

const LIMITS = { batch: 3, calls: 1, waiting: 10 };

/** A coalescer whose calls are recorded and answered by hand. */
function recorded(limits = LIMITS) {
  const calls: { keys: readonly string[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const coalescer = new Coalescer<string>(
    (keys) =>
      new Promise((resolve, reject) => {
        calls.push({ keys, answer: () => resolve(new Map(keys.filter((key) => key !== 'none').map((key) => [key, `<${key}>`]))), fail: reject });
      }),
    limits,
  );
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return { calls, coalescer, turn };
}

describe('Coalescer', () => {
  it('sends what is asked in one turn together, and each key once', async () => {
    const { calls, coalescer, turn } = recorded();
    const answers = Promise.all([coalescer.ask(['a', 'b']), coalescer.ask(['b', 'none'])]);
    await turn();
    expect(calls.map(({ keys }) => keys)).toEqual([['a', 'b', 'none']]);
    calls[0]?.answer();
    expect(await answers).toEqual([new Map([['a', '<a>'], ['b', '<b>']]), new Map([['b', '<b>']])]);
  });

  it('gathers while a call is under way, within the size of a call', async () => {
    const { calls, coalescer, turn } = recorded();
    const first = coalescer.ask(['a']);
    await turn();
    const rest = ['b', 'c', 'd', 'e', 'a'].map((key) => coalescer.ask([key]));
    await turn();
    expect(calls).toHaveLength(1);
    calls[0]?.answer();
    await first;
    await turn();
    calls[1]?.answer();
    await turn();
    calls[2]?.answer();
    await Promise.all(rest);
    expect(calls.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
  });

  it('tells a failure to those who waited for it, and asks again for the next', async () => {
    const { calls, coalescer, turn } = recorded();
    const failed = coalescer.ask(['a', 'b', 'c', 'd']);
    await turn();
    calls[0]?.fail(new Error('lost'));
    await expect(failed).rejects.toThrow('lost');
    const again = coalescer.ask(['a']);
    await turn();
    calls[1]?.answer();
    await turn();
    calls[2]?.answer();
    expect(await again).toEqual(new Map([['a', '<a>']]));
    expect(calls.map(({ keys }) => keys)).toEqual([['a', 'b', 'c'], ['d'], ['a']]);
  });

  it('refuses more than may wait', async () => {
    const { coalescer } = recorded();
    await expect(coalescer.ask(Array.from({ length: 11 }, (_, index) => `${index}`))).rejects.toThrow(KeyStoreUnavailable);
  });
});
