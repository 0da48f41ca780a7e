import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runningPostgres, type Addresses } from './addresses.js';
import { keyFilesOf, makeDirectory, readDescription, writeDescription, type Settings } from './data-directory.js';
import { prepareDatabases } from './databases.js';
import { LocalError, exitCodes, explained, systemErrorCode } from './errors.js';
import { beginRestoring, endRestoring, isHalfRestored, refuseHalfRestored } from './half-restored.js';
import { takeOwnerLock, type OwnerLock } from './lock.js';
import { startPostgres, type Postgres } from './postgres.js';

/** Log and keys of a data directory. The URLs hold passwords: not for logs. */
export interface HeldDatabases {
  /** Absolute, links resolved. */
  readonly path: string;
  readonly eventStoreUrl: string;
  readonly keyStoreUrl: string;
  readonly deploymentKeyFile: string;
  readonly masterKeyFile: string;
  /** What the directory was made with. */
  readonly settings: Settings;
  /** Lets go of them. What was started for this alone is ended. */
  close(): Promise<void>;
}

/** Log and keys that are being restored. */
export interface RestoringDatabases extends HeldDatabases {
  /** Says that everything is there: until then the directory cannot be started. */
  done(): Promise<void>;
}

/**
 * Opens log and keys of a data directory to read them, by roles that may do no more: those of the system that runs
 * on it, or, where none does, of a PostgreSQL that runs until `close`.
 *
 * @throws LocalError where there is no data directory, or one whose system is just starting
 */
export async function openForReading(dataDir: string): Promise<HeldDatabases> {
  try {
    const path = await existing(dataDir);
    const found = await readDescription(path);
    if (found === undefined || !existsSync(join(path, 'postgres/passwords.json'))) throw new LocalError(`There is no Annals in ${path}.`);
    refuseHalfRestored(path);
    const { postgres, close } = await opened(path);
    const urls = { eventStoreUrl: postgres.url('log', 'log_reader'), keyStoreUrl: postgres.url('keys', 'keys_reader') };
    return { ...urls, ...keyFilesOf(path), path, settings: { demo: found.demo, tokens: found.tokens === true, timeZone: found.timeZone }, close };
  } catch (error) {
    throw explained(error, `The data directory ${dataDir} cannot be read`);
  }
}

/**
 * Begins a data directory whose log and keys are restored, as their owners, before it is started for the first time;
 * or goes on with one where that was not finished.
 *
 * @param settings - what the directory is made with
 * @throws LocalError where there is one already
 */
export async function openForRestoring(dataDir: string, settings: Settings): Promise<RestoringDatabases> {
  try {
    const path = await makeDirectory(dataDir);
    const lock = await takeOwnerLock(join(path, 'owner.lock'), path);
    const { postgres, close } = await startedUnder(lock, async () => {
      if ((await readDescription(path)) !== undefined && !isHalfRestored(path)) throw new LocalError(`There is an Annals in ${path} already: a backup is restored into a new directory.`);
      await beginRestoring(path);
      await writeDescription(path, settings);
      return await prepared(await startPostgres({ dataDir: join(path, 'postgres') }));
    });
    const urls = { eventStoreUrl: postgres.url('log', 'log_owner'), keyStoreUrl: postgres.url('keys', 'keys_owner') };
    return { ...urls, ...keyFilesOf(path), path, settings, close, done: () => endRestoring(path) };
  } catch (error) {
    throw explained(error, `The data directory ${dataDir} cannot be made`);
  }
}

async function existing(dataDir: string): Promise<string> {
  try {
    return await realpath(resolve(dataDir));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') throw new LocalError(`There is no data directory ${resolve(dataDir)}.`);
    throw error;
  }
}

interface Opened {
  readonly postgres: Addresses;
  readonly close: () => Promise<void>;
}

/** The PostgreSQL of the process that owns the directory, or one that is started where none does. */
async function opened(path: string): Promise<Opened> {
  let lock: OwnerLock;
  try {
    lock = await takeOwnerLock(join(path, 'owner.lock'), path);
  } catch (error) {
    if (!(error instanceof LocalError) || error.exitCode !== exitCodes.dataDirectoryInUse) throw error;
    const postgres = await runningPostgres(join(path, 'postgres'));
    if (postgres === undefined) throw new LocalError(`The system on ${path} is just starting: try again when it is ready.`);
    return { postgres, close: () => Promise.resolve() };
  }
  return await startedUnder(lock, () => startPostgres({ dataDir: join(path, 'postgres') }));
}

async function startedUnder(lock: OwnerLock, start: () => Promise<Postgres>): Promise<Opened> {
  try {
    const postgres = await start();
    return { postgres, close: () => postgres.stop().finally(() => lock.release()) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function prepared(postgres: Postgres): Promise<Postgres> {
  try {
    await prepareDatabases(postgres, postgres);
    return postgres;
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
