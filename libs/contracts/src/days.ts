const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d\d-\d\d$/;
/** Of `2011-12-09 00:00:00`. */
const WALL_LENGTH = 19;

/**
 * When days begin in a time zone: a function of the day (`2011-12-09`), counted on by `plus` days, that answers an
 * instant, or undefined where the text is no day.
 */
export function daysIn(zone: string): (day: string, plus?: number) => string | undefined {
  const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  // An early year is written without the zeros before it.
  const wallAt = (instant: number): string => wall.format(instant).padStart(WALL_LENGTH, '0').replace(' ', 'T');
  const offsetAt = (instant: number): number => Date.parse(`${wallAt(instant)}Z`) - instant;
  return (day, plus = 0) => {
    const midnight = DAY.test(day) ? Date.parse(`${day}T00:00:00Z`) + plus * DAY_MS : Number.NaN;
    if (Number.isNaN(midnight)) return undefined;
    // Twice, because the offset at the first guess may be the one beyond a change of clocks.
    const guess = midnight - offsetAt(midnight);
    return new Date(midnight - offsetAt(guess)).toISOString();
  };
}
