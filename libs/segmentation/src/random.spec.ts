import { describe, expect, it } from '@jest/globals';

import { hashText, seededRandom } from './random.js';

describe('seeded numbers', () => {
  it('are those of mulberry32', () => {
    const random = seededRandom(1);
    expect([random(), random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  });

  it('differ by seed and lie in [0, 1)', () => {
    const one = seededRandom(7);
    const other = seededRandom(8);
    const numbers = Array.from({ length: 1000 }, () => [one(), other()]);
    expect(numbers.every(([a, b]) => a !== b)).toBe(true);
    expect(numbers.flat().every((x) => x >= 0 && x < 1)).toBe(true);
  });
});

describe('the hash of a text', () => {
  it('spreads ids that differ only at their end evenly over its range', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const tenth = Math.floor((hashText(`0198a000-0000-7000-8000-${String(i).padStart(12, '0')}`) / 2 ** 32) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('is the same every time', () => {
    expect(hashText('customer')).toBe(hashText('customer'));
    expect(hashText('customer')).not.toBe(hashText('customes'));
  });
});
