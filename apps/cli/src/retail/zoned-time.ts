const DAY_MS = 86_400_000;

/** Tells the instant that a wall clock's reading in one zone stands for. */
export class ZonedTime {
  readonly #format: Intl.DateTimeFormat;

  constructor(readonly zone: string) {
    // Sweden writes dates as ISO 8601 does.
    this.#format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
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
    const wall = Date.parse(`${this.#format.format(instant).replace(' ', 'T')}Z`);
    return wall - Math.floor(instant / 1_000) * 1_000;
  }
}
