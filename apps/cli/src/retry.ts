import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 3_000;

/** Something that may succeed when it is tried again: no connection, or a server that says so. */
export class TryAgain extends Error {
  override readonly name = 'TryAgain';
  constructor(
    message: string,
    /** What the server asked for, in milliseconds. */
    readonly afterMs: number = 0,
  ) {
    super(message);
  }
}

/** How long to go on trying. */
export interface Patience {
  /** Since the first failure, in milliseconds; 0 tries once. */
  readonly forMs: number;
  readonly signal: AbortSignal;
  /** Told of every wait. */
  readonly onWait?: (reason: string) => void;
}

/**
 * Tries until it succeeds, waiting twice as long each time, with jitter, so that many do not come back at once.
 *
 * @throws TryAgain when patience ends, and at once whatever else `attempt` throws
 */
export async function retrying<T>(attempt: () => Promise<T>, { forMs, signal, onWait }: Patience): Promise<T> {
  let firstFailure: number | undefined;
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TryAgain)) throw error;
      const now = performance.now();
      firstFailure ??= now;
      if (now - firstFailure >= forMs) throw error;
      onWait?.(error.message);
      const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(tries, 10), LONGEST_WAIT_MS) * (0.5 + Math.random());
      await sleep(Math.min(Math.max(wait, error.afterMs), LONGEST_WAIT_MS * 2), undefined, { signal });
    }
  }
}
