import { ConfigError } from './config.js';

/** What a process that could not do its work exits with. */
export const EXIT_FAILED = 1;
const EXIT_CONFIG = 2;

/**
 * Runs a process that does one thing and ends: with 0 when it is done, else with a sentence on standard error and an exit
 * code, 2 for a setting and 1 for all else.
 *
 * @param name - for that sentence
 */
export async function runToEnd(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    fail(name, error);
  }
}

/** Ends the process with a sentence and an exit code. */
export function fail(name: string, error: unknown): never {
  process.stderr.write(`${name}: ${sentenceOf(error)}\n`);
  process.exit(error instanceof ConfigError ? EXIT_CONFIG : EXIT_FAILED);
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return 'could not start';
  if ('code' in error && error.code === 'EADDRINUSE') return 'the port is taken by another process; choose another with PORT.';
  return error.message;
}
