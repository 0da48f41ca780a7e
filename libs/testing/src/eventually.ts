import { setTimeout as sleep } from 'node:timers/promises';

/** How long `eventually` goes on asking. */
export interface EventuallyOptions {
  /** Milliseconds until it gives up; 10,000 by default. */
  readonly withinMs?: number;
  /** Milliseconds between two questions; 25 by default. */
  readonly everyMs?: number;
}

/**
 * Asks until the probe neither throws nor answers false, and returns its answer.
 *
 * The probe holds the expectations themselves, so that a test that waited in vain reports the last of them:
 * `await eventually(async () => expect(await count()).toBe(3))`.
 *
 * @throws what the probe threw last, with how long was waited
 */
export async function eventually<T>(probe: () => T | false | Promise<T | false>, options: EventuallyOptions = {}): Promise<T> {
  const { withinMs = 10_000, everyMs = 25 } = options;
  const deadline = performance.now() + withinMs;
  for (;;) {
    const outcome = await attempt(probe);
    if (outcome.held) return outcome.answer;
    if (performance.now() >= deadline) throw givenUp(outcome.reason, withinMs);
    await sleep(everyMs);
  }
}

type Outcome<T> = { readonly held: true; readonly answer: T } | { readonly held: false; readonly reason: unknown };

async function attempt<T>(probe: () => T | false | Promise<T | false>): Promise<Outcome<T>> {
  try {
    const answer: T | false = await probe();
    return answer === false ? { held: false, reason: new Error('the probe answered false') } : { held: true, answer };
  } catch (reason) {
    return { held: false, reason };
  }
}

function givenUp(reason: unknown, withinMs: number): unknown {
  // The original error is kept, for jest shows the difference that it carries.
  if (reason instanceof Error) reason.message = `not within ${withinMs} ms: ${reason.message}`;
  return reason;
}
