import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EVERYWHERE, within } from './scope.js';

const path = fc.array(fc.constantFrom('emea', 'emeax', 'uk', 'u', 'support'), { minLength: 1, maxLength: 4 }).map((steps) => steps.join('/'));

describe('a scope', () => {
  it.each([
    ['emea', 'emea', true],
    ['emea', 'emea/uk/support', true],
    ['emea', 'emeax', false],
    ['emea', 'emeax/uk', false],
    ['emea/uk', 'emea', false],
    ['uk', 'emea/uk', false],
  ])('of %s has %s in it: %s', (department, asked, expected) => {
    expect(within({ departments: [department] }, asked)).toBe(expected);
  });

  it('of no department holds nothing, and of all of them everything', () => {
    fc.assert(fc.property(path, (asked) => !within({ departments: [] }, asked) && within(EVERYWHERE, asked)));
  });

  it('goes by whole steps of the path', () => {
    fc.assert(
      fc.property(fc.array(path, { maxLength: 3 }), path, (departments, asked) => {
        const steps = asked.split('/');
        const expected = departments.some((each) => each.split('/').every((step, index) => step === steps[index]));
        expect(within({ departments }, asked)).toBe(expected);
      }),
    );
  });
});
