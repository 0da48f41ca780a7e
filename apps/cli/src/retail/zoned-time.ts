const DAY_MS = 86_400_000;

/** Tells the instant that a wall clock's reading in one zone stands for. */
export class ZonedTime {
  readonly #format: Intl.DateTimeFormat;

  constructor(readonly zone: string) {
    this.#format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /**
   * A reading that occurs twice, when clocks go back, is taken as the first; one that never occurs, when they go
   * forward, is taken by the offset before (01:30 is an hour and a half after midnight).
   *
   * @param reading - the wall clock as though it were UTC, in milliseconds since 1970
   * @returns milliseconds since 1970
   */
  instantOf(reading: number): number {
    const before = this.#offsetAt(reading - DAY_MS);
    const after = this.#offsetAt(reading + DAY_MS);
    const early = reading - Math.max(before, after);
    if (before === after || early + this.#offsetAt(early) === reading) return early;
    const late = reading - Math.min(before, after);
    return late + this.#offsetAt(late) === reading ? late : reading - before;
  }

  /** Milliseconds by which the zone's wall clock is ahead of UTC at an instant. */
  #offsetAt(instant: number): number {
    const parts = new Map(this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return wall - Math.floor(instant / 1_000) * 1_000;
  }
}
