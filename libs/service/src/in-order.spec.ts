import { describe, expect, it } from '@jest/globals';
import { inOrder } from './in-order.js';

describe('work in order', () => {
  it('yields in the order of the items, with no more at work than allowed', async () => {
    const release: (() => void)[] = [];
    let most = 0;
    let working = 0;
    const work = async (item: number): Promise<number> => {
      working += 1;
      most = Math.max(most, working);
      await new Promise<void>((resolve) => {
        release.push(resolve);
        // The last one to begin ends first.
        setImmediate(() => release.pop()?.());
      });
      working -= 1;
      return item;
    };
    const seen: number[] = [];
    for await (const item of inOrder(Array.from({ length: 50 }, (_, index) => index), 8, work)) seen.push(item);
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(most).toBe(8);
  });

  it('begins nothing more when nobody asks any more', async () => {
    let begun = 0;
    for await (const _ of inOrder(Array.from({ length: 50 }), 4, async () => (begun += 1))) break;
    expect(begun).toBe(4);
  });
});
