import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ALL_DEPARTMENTS, keyPairFiles, signingKey, signToken } from '@annals/tokens';
import { LocalError } from './errors.js';
import { seedOnce } from './seed-once.js';
import type { System } from './system.js';

const TOKEN_SECONDS = 900;

/** With what a demonstration is made. */
export interface Making {
  /** The folder that holds `apps`, built. */
  readonly root: string;
  /** Receives a line for the person at the terminal. */
  readonly report: (line: string) => void;
  /** Aborted, it ends the seeding; the next one goes on from there. */
  readonly signal?: AbortSignal;
}

/**
 * Makes the demonstration where the system is one and has none yet: see `seedOnce`.
 *
 * @returns whether it was made now
 * @throws LocalError where it could not be made to its end
 */
export async function makeDemonstration(system: System, making: Making): Promise<boolean> {
  return await seedOnce(system, async () => {
    const token = system.tokens ? await tokenOf(system) : undefined;
    await runDemo(system.url, token, making);
  });
}

/**
 * Runs `annals demo`, always as one that may have been interrupted, since `seedOnce` has looked whether it was.
 * It has a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone.
 */
async function runDemo(url: string, token: string | undefined, { root, report, signal }: Making): Promise<void> {
  signal?.throwIfAborted();
  const args = [join(root, 'apps/cli/bin/annals.mjs'), 'demo', '--resume', '--url', url];
  const child = spawn(process.execPath, args, { env: environmentWith(token), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  for (const stream of [child.stdout, child.stderr]) eachLine(stream, report);
  await endedBy(child, signal);
  signal?.throwIfAborted();
  if (child.exitCode !== 0) throw new LocalError(`The demonstration could not be made: annals demo ended (${child.signalCode ?? `exit code ${child.exitCode}`}).`);
}

/** A token is never an argument: arguments are seen by everybody on a machine. One of the caller's own is for another system. */
function environmentWith(token: string | undefined): NodeJS.ProcessEnv {
  const { ANNALS_TOKEN: _, ...env } = process.env;
  return token === undefined ? env : { ...env, ANNALS_TOKEN: token };
}

/** Resolves when the process has ended; the signal ends it. */
async function endedBy(child: ChildProcess, signal: AbortSignal | undefined): Promise<void> {
  const end = (): void => void child.kill('SIGTERM');
  signal?.addEventListener('abort', end, { once: true });
  try {
    await once(child, 'close');
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

function eachLine(stream: Readable, report: (line: string) => void): void {
  createInterface({ input: stream }).on('line', report);
}

/** A token for the demonstration alone: its records are of many departments, and its segments of none. */
async function tokenOf({ dataDir }: System): Promise<string> {
  const key = signingKey(await readFile(join(dataDir, keyPairFiles.signing), 'utf8'));
  return await signToken({ subject: 'demonstration', roles: ['admin'], departments: [ALL_DEPARTMENTS], kind: 'service', expiresIn: TOKEN_SECONDS }, key);
}
