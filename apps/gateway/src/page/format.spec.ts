import { describe, expect, it } from '@jest/globals';

import { Clock, money, nameOf, personalText } from './format.js';

describe('what pages show', () => {
  it.each([
    ['Europe/London', '2011-07-01', 0, '2011-06-30T23:00:00.000Z'],
    ['Europe/London', '2011-03-27', 0, '2011-03-27T00:00:00.000Z'],
    ['Europe/London', '2011-03-27', 1, '2011-03-27T23:00:00.000Z'],
    ['Asia/Shanghai', '2011-12-31', 1, '2011-12-31T16:00:00.000Z'],
    ['UTC', 'yesterday', 0, undefined],
    ['UTC', '2011-02-99', 0, undefined],
  ])('begins days in %s as clocks there do: %s and %s days', (zone, day, plus, instant) => {
    expect(new Clock(zone).startOf(day, plus)).toBe(instant);
  });

  it.each([
    [123_456, 'GBP', '£1,234.56'],
    [-5, 'EUR', '-€0.05'],
    [500, 'JPY', 'JP¥500'],
  ])('writes %s minor units of %s as %s', (minor, currency, shown) => {
    expect(money(minor, currency)).toBe(shown);
  });

  it('names a customer by name, else reference, else id, and says so where the name was erased', () => {
    const id = '6f1c2f1e-5f2b-4a5e-9c6e-0a4b7c1d2e3f';
    const references = [{ system: 'retail', id: '17850' }];
    expect(nameOf({ id, name: { full: '李雷' }, references })).toBe('李雷');
    expect(nameOf({ id, name: null, references })).toBe('retail:17850');
    expect(nameOf({ id, name: null, references: [] })).toBe('Customer 6f1c2f1e');
    expect(String(nameOf({ id, name: { erased: true }, references }))).toContain('erased');
    expect(String(personalText({ erased: true }))).toContain('erased');
  });
});
