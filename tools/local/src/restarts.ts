import { LocalError } from './errors.js';

const windowMs = 60_000;
const most = 5;
const firstDelayMs = 200;

/** Decides how long to wait before something that died is started again, and when to give it up. */
export class Restarts {
  readonly #name: string;
  readonly #logPath: string;
  #deaths: number[] = [];

  constructor(name: string, logPath: string) {
    this.#name = name;
    this.#logPath = logPath;
  }

  /**
   * Milliseconds to wait after a death: 200 after the first within a minute, then twice as long each time.
   *
   * @param now - milliseconds of a clock that never goes back
   * @throws LocalError after five deaths within a minute
   */
  delayAfterDeath(now: number): number {
    this.#deaths = [...this.#deaths.filter((at) => now - at < windowMs), now];
    if (this.#deaths.length >= most) throw new LocalError(`${this.#name} ended ${most} times within a minute and was given up; what it said is in ${this.#logPath}.`);
    return firstDelayMs * 2 ** (this.#deaths.length - 1);
  }
}
