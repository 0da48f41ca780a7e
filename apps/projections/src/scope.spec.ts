import { EVERYWHERE, within, type Scope } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { narrowed, pathsOf, patternsOf, rootsOf } from './scope.js';

const path = fc.array(fc.constantFrom('emea', 'emeax', 'uk'), { minLength: 1, maxLength: 3 }).map((steps) => steps.join('/'));
const scope: fc.Arbitrary<Scope> = fc.oneof(fc.constant(EVERYWHERE), fc.array(path, { maxLength: 4 }).map((departments) => ({ departments })));
const isLike = (patterns: readonly string[], department: string): boolean =>
  patterns.some((pattern) => (pattern.endsWith('%') ? department.startsWith(pattern.slice(0, -1)) : department === pattern));

describe('a scope', () => {
  it('holds the same departments as roots and as patterns', () => {
    fc.assert(
      fc.property(scope, path, (some, department) => {
        expect(pathsOf(department).some((each) => rootsOf(some).includes(each))).toBe(within(some, department));
        expect(isLike(patternsOf(some), department)).toBe(within(some, department));
        // No figure is added twice.
        expect(pathsOf(department).filter((each) => rootsOf(some).includes(each)).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('narrowed to a department holds what both hold', () => {
    fc.assert(
      fc.property(scope, path, path, (some, to, department) => {
        expect(within(narrowed(some, to), department)).toBe(within(some, department) && within({ departments: [to] }, department));
        expect(narrowed(some, undefined)).toBe(some);
      }),
    );
  });
});
