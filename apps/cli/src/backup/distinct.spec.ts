import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { Distinct } from './distinct.js';

describe('what occurs twice', () => {
  it('is found in a second reading, each time after the first, and nothing else is', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 2 })), (texts) => {
        const distinct = new Distinct();
        for (const text of texts) distinct.add(text);
        const isRepeated = distinct.repeats() ?? (() => false);
        expect(texts.map(isRepeated)).toEqual(texts.map((text, at) => texts.indexOf(text) < at));
      }),
    );
  });

  it('is found among many, and where there is nothing of the kind no second reading is asked for', () => {
    const distinct = new Distinct();
    for (let index = 0; index < 5_000; index++) distinct.add(String(index));
    expect(distinct.repeats()).toBeUndefined();
    distinct.add('4711');
    expect(distinct.repeats()?.('1')).toBe(false);
  });
});
