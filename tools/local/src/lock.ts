import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalError, exitCodes, systemErrorCode } from './errors.js';
import { identify, isRunning, type ProcessIdentity } from './processes.js';

const settleMs = 100;
const patienceMs = 30_000;

interface Holder extends ProcessIdentity {
  readonly token: string;
  /** The holder is on its way out: whoever waits a little will have it. */
  readonly ending?: boolean;
}

/** A file that says which process owns a directory; it outlives a killed owner without keeping others out. */
export interface OwnerLock {
  /** Tells others that the directory will be free soon. */
  announceEnd(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock file at `path` for this process.
 *
 * @throws LocalError with `exitCodes.dataDirectoryInUse` while the process that holds it runs; one that is ending is waited for
 */
export async function takeOwnerLock(path: string, directory: string): Promise<OwnerLock> {
  const self = identify(process.pid);
  if (self === undefined) throw new LocalError('This process could not be found in the process table, so it cannot own a data directory.');
  const mine: Holder = { ...self, token: randomUUID() };
  const draft = `${path}.${mine.token}`;
  try {
    await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
    await place(draft, path, directory);
  } finally {
    await rm(draft, { force: true });
  }
  if ((await readHolder(path))?.token !== mine.token) throw inUse(directory, await readHolder(path));
  return {
    announceEnd: async () => {
      if ((await readHolder(path))?.token !== mine.token) return;
      await writeFile(draft, JSON.stringify({ ...mine, ending: true }), { mode: 0o600 });
      await rename(draft, path);
    },
    release: async () => {
      if ((await readHolder(path))?.token === mine.token) await rm(path, { force: true });
    },
  };
}

async function place(draft: string, path: string, directory: string): Promise<void> {
  try {
    await link(draft, path);
    return;
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  }
  if (!(await isFree(path))) throw inUse(directory, await readHolder(path));
  // Two processes may find the same dead owner. Both replace its file; after a moment the later one's remains,
  // and the caller reads it back. PostgreSQL's own lock lies beneath for whoever stalled longer than that.
  await rename(draft, path);
  await sleep(settleMs);
}

/** False while a process that runs holds the file; one that is ending is waited for. */
async function isFree(path: string): Promise<boolean> {
  for (const deadline = performance.now() + patienceMs; ; await sleep(settleMs)) {
    const holder = await readHolder(path);
    if (holder === undefined || !isRunning(holder)) return true;
    if (holder.ending !== true || performance.now() > deadline) return false;
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const holder: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isHolder(holder) ? holder : undefined;
  } catch (error) {
    // A file that is no JSON is what a full disk leaves of a lock; nobody holds it.
    if (error instanceof SyntaxError || systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && 'pid' in value && typeof value.pid === 'number' && 'started' in value && 'token' in value;
}

function inUse(directory: string, holder: Holder | undefined): LocalError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid}`;
  return new LocalError(`The data directory ${directory} is in use by ${who}; stop that one first or choose another with --data-dir.`, exitCodes.dataDirectoryInUse);
}
