import { describe, expect, it } from '@jest/globals';

import { daysIn } from './days.js';

describe('the beginning of a day', () => {
  it('is where the clocks of the zone say so, also when they are put forward and back', () => {
    const startOf = daysIn('Europe/London');
    expect(['2026-03-29', '2026-03-30', '2026-10-25', '2026-10-26'].map((day) => startOf(day))).toEqual([
      '2026-03-29T00:00:00.000Z', '2026-03-29T23:00:00.000Z', '2026-10-24T23:00:00.000Z', '2026-10-26T00:00:00.000Z',
    ]);
    expect(startOf('2026-03-28', 2)).toBe(startOf('2026-03-30'));
  });

  it('is there in every year that a date can have', () => {
    for (const day of ['0001-01-02', '0020-02-29', '0999-12-31', '9999-12-30']) {
      expect(daysIn('UTC')(day)).toBe(`${day}T00:00:00.000Z`);
      expect(daysIn('Asia/Shanghai')(day)).toMatch(/^\d{4}-\d\d-\d\dT(?:15|16):\d\d:\d\d\.000Z$/);
    }
  });

  it('is none of what is no day', () => {
    expect(daysIn('UTC')('yesterday')).toBeUndefined();
  });
});
