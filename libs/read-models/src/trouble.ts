import { nameOf } from './errors.js';

const LASTING_MS = 5_000;

/**
 * What keeps a loop from its work, told once when it has lasted: a read model that is being made at a first start,
 * or a database that answers again a moment later, is nothing to wake anybody for.
 */
export class Trouble {
  #since: number | undefined;
  #told = '';

  /**
   * @param what - is kept from being done, as the beginning of a sentence: `memberships wait`
   * @param report - told the sentence; it names the kind of error alone, which holds no data
   * @param afterMs - how long it has to last; 5,000 by default
   */
  constructor(
    private readonly what: string,
    private readonly report: (sentence: string) => void,
    private readonly afterMs = LASTING_MS,
  ) {}

  /** It failed once more. */
  met(error: unknown): void {
    const name = nameOf(error);
    this.#since ??= performance.now();
    if (name === this.#told || performance.now() - this.#since < this.afterMs) return;
    this.#told = name;
    this.report(`${this.what}: ${name}`);
  }

  /** It went well. */
  over(): void {
    this.#since = undefined;
    this.#told = '';
  }
}
