import { KeyStoreUnavailable } from './key-store.js';

/** How much a coalescer may do at once. */
export interface CoalescerLimits {
  /** Keys in one call. */
  readonly batch: number;
  /** Calls under way. */
  readonly calls: number;
  /** Keys waiting for a call; more are refused. */
  readonly waiting: number;
}

interface Waiting<V> {
  readonly key: string;
  readonly resolve: (value: V | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Turns many callers' questions into few calls: what is asked in one turn of the event loop, or while all
 * calls are under way, goes together, and a key that is asked twice is asked once. Nothing waits for company.
 */
export class Coalescer<V> {
  readonly #answers = new Map<string, Promise<V | undefined>>();
  #waiting: Waiting<V>[] = [];
  #calls = 0;
  #scheduled = false;

  /** @param call - answers some keys; keys absent from its answer are answered with undefined */
  constructor(
    private readonly call: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>,
    private readonly limits: CoalescerLimits,
  ) {}

  /**
   * @returns what is known of each key; those of which nothing is known are absent
   * @throws KeyStoreUnavailable where too many keys wait already, and what the call throws
   */
  async ask(keys: readonly string[]): Promise<Map<string, V>> {
    if (this.#waiting.length + keys.length > this.limits.waiting) {
      throw new KeyStoreUnavailable(`more than ${this.limits.waiting} keys are asked for at once`);
    }
    const answers = new Map<string, V>();
    const pending = keys.map((key) => this.#answers.get(key) ?? this.#enqueue(key));
    const values = await Promise.all(pending);
    keys.forEach((key, index) => {
      const value = values[index];
      if (value !== undefined) answers.set(key, value);
    });
    return answers;
  }

  #enqueue(key: string): Promise<V | undefined> {
    const answer = new Promise<V | undefined>((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
    });
    this.#answers.set(key, answer);
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#start();
      });
    }
    return answer;
  }

  #start(): void {
    while (this.#waiting.length > 0 && this.#calls < this.limits.calls) {
      void this.#run(this.#waiting.splice(0, this.limits.batch));
    }
  }

  /** Never rejects: whoever waits is told. */
  async #run(group: readonly Waiting<V>[]): Promise<void> {
    this.#calls += 1;
    try {
      const values = await this.call(group.map(({ key }) => key));
      for (const { key, resolve } of group) resolve(values.get(key));
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      for (const { key } of group) this.#answers.delete(key);
      this.#calls -= 1;
      this.#start();
    }
  }
}
