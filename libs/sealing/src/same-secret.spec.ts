import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { isSameSecret } from './same-secret.js';

describe('two secrets', () => {
  it('are the same where their texts are, of whatever length and script', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(fc.property(text, text, (one, other) => isSameSecret(one, other) === (one === other)));
    fc.assert(fc.property(text, (one) => isSameSecret(one, `${one}`)));
  });

  it('are not, where there is none or they differ at the end alone', () => {
    expect([isSameSecret(undefined, ''), isSameSecret('ab', 'a'), isSameSecret('ab', 'ac')]).toEqual([false, false, false]);
  });
});
