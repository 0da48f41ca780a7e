import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { ZonedTime } from './zoned-time.js';

const london = new ZonedTime('Europe/London');
const instantOf = (reading: string): string => new Date(london.instantOf(Date.parse(`${reading}Z`))).toISOString();

describe('London time', () => {
  it.each([
    ['winter is UTC', '2010-12-01T08:26', '2010-12-01T08:26:00.000Z'],
    ['summer is an hour ahead', '2011-07-01T08:26', '2011-07-01T07:26:00.000Z'],
    ['the last minute before clocks go forward', '2011-03-27T00:59', '2011-03-27T00:59:00.000Z'],
    ['a reading that never occurs', '2011-03-27T01:30', '2011-03-27T01:30:00.000Z'],
    ['the first minute after clocks went forward', '2011-03-27T02:00', '2011-03-27T01:00:00.000Z'],
    ['the last reading that occurs once before clocks go back', '2011-10-30T00:59', '2011-10-29T23:59:00.000Z'],
    ['a reading that occurs twice is the first', '2011-10-30T01:30', '2011-10-30T00:30:00.000Z'],
    ['the first reading that occurs once after clocks went back', '2011-10-30T02:00', '2011-10-30T02:00:00.000Z'],
  ])('%s', (_, reading, instant) => {
    expect(instantOf(reading)).toBe(instant);
  });

  it('is what a clock in London shows at the instant that it gives, in every hour that occurs', () => {
    const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/London', dateStyle: 'short', timeStyle: 'medium' });
    const hours = fc.integer({ min: 0, max: 24 * 365 * 20 });
    fc.assert(
      fc.property(hours, (hour) => {
        const shown = clock.format(Date.UTC(2000, 0, 1) + hour * 3_600_000);
        const instant = london.instantOf(Date.parse(`${shown.replace(' ', 'T')}Z`));
        expect(clock.format(instant)).toBe(shown);
      }),
    );
  });
});
