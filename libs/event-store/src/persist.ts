import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreUnavailable } from './errors.js';

const FIRST_DELAY_MS = 20;
const LAST_DELAY_MS = 1_000;

/** How long to wait before the next attempt: doubling, with a bound. */
export function delayMs(attempt: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.min(attempt, 10), LAST_DELAY_MS);
}

/** What a store knows of its database's errors, and how long it tries. */
export interface Persistence {
  readonly forMs: number;
  /** Whether trying again may help. */
  readonly isTransient: (error: unknown) => boolean;
  /** What the callers are told when trying again has not helped. */
  readonly unavailable: (error: unknown) => StoreUnavailable;
  /** Told of every failure that is then tried again. */
  readonly onTrouble: (error: Error) => void;
}

/** Tries something harmless to repeat until it succeeds, fails for good, or time is up. */
export async function persist<T>(attempt: () => Promise<T>, { forMs, isTransient, unavailable, onTrouble }: Persistence): Promise<T> {
  const deadline = performance.now() + forMs;
  for (let turn = 0; ; turn += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (error instanceof Error) onTrouble(error);
      if (performance.now() + delayMs(turn) > deadline) throw unavailable(error);
      await sleep(delayMs(turn));
    }
  }
}
