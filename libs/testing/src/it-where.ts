import { it } from '@jest/globals';

type Test = (title: string, run: () => Promise<unknown> | undefined | void, timeoutMs?: number) => void;

/**
 * `it`, for a test that not every machine can run. Where it cannot, the test counts as skipped and
 * standard error says why; nothing else may skip a test.
 *
 * @param possible - whether it can run here
 * @param reason - what it needs: `root on Linux`
 */
export function itWhere(possible: boolean, reason: string): Test {
  if (possible) return (title, run, timeoutMs) => it(title, async () => void (await run()), timeoutMs);
  return (title, run) => {
    process.stderr.write(`Skipped: ${title}: needs ${reason}.\n`);
    it.skip(title, async () => void (await run()));
  };
}
