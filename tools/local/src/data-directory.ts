import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { keyPairFiles, newKeyPair } from '@annals/tokens';
import { LocalError, messageOf, systemErrorCode } from './errors.js';
import { ensureKeyFile, writeDurably } from './key-files.js';
import { takeOwnerLock } from './lock.js';
import { refuseHalfRestored } from './half-restored.js';
import { identify, isRunning, signal, waitUntil, type ProcessIdentity } from './processes.js';

const directoryFormat = 1;
const descriptionName = 'annals.json';

/** What a data directory was made with. */
export interface Settings {
  /** True when the directory was made for the demonstration; it stays so for good. */
  readonly demo: boolean;
  /** Whether callers must have tokens: what was said last, so that a directory once closed is not left open by a start without a word of it. */
  readonly tokens: boolean;
  /** IANA zone that sets day and month boundaries. */
  readonly timeZone: string;
}

/** Settings as they are kept. */
interface Description extends Omit<Settings, 'tokens'> {
  readonly format: number;
  readonly tokens?: boolean;
}

/** The data directory of one deployment, held by this process until `release`. */
export interface DataDirectory extends Description {
  /** Absolute, links resolved. */
  readonly path: string;
  readonly masterKeyFile: string;
  readonly deploymentKeyFile: string;
  /** The halves of the key pair of tokens that are signed here. */
  readonly tokenKeyFile: string;
  readonly tokenPublicKeyFile: string;
  /** Remembers a child process, so that the next start can end it if nobody else did. */
  remember(name: string, pid: number): Promise<void>;
  /** Tells a next start that it need only wait. */
  announceEnd(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Opens a data directory, making it and its keys at first, and ends the services of a killed owner.
 *
 * @param directory - path; made with mode 0700 when absent
 * @param demo - whether a directory made now is for the demonstration
 * @param tokens - whether callers must have tokens, from now on; what was said before where it is left out
 * @throws LocalError with a sentence: in use, keys missing, of another format
 */
export async function openDataDirectory(directory: string, demo: boolean, tokens?: boolean): Promise<DataDirectory> {
  const path = await makeDirectory(directory);
  const lock = await takeOwnerLock(join(path, 'owner.lock'), path);
  try {
    refuseHalfRestored(path);
    await endLeftOver(path);
    const description = await describe(path, demo, tokens);
    const keys = { ...(await ensureKeys(path)), ...(await ensureTokenKeys(path)) };
    const children: Record<string, ProcessIdentity> = {};
    let writing = Promise.resolve();
    return {
      ...description,
      ...keys,
      path,
      remember: (name, pid) => {
        const identity = identify(pid);
        if (identity !== undefined) children[name] = identity;
        writing = writing.catch(() => undefined).then(() => writeDurably(childrenFile(path), JSON.stringify(children)));
        return writing;
      },
      announceEnd: () => lock.announceEnd(),
      release: async () => {
        // Whether the last of them was written no longer matters: all children have ended.
        await writing.catch(() => undefined);
        await rm(childrenFile(path), { force: true });
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** @returns undefined where the directory was not begun yet */
export async function readDescription(path: string): Promise<Description | undefined> {
  const found = (await readJson(join(path, descriptionName))) as Description | undefined;
  if (found !== undefined && found.format !== directoryFormat) {
    throw new LocalError(`The data directory ${path} has format ${found.format}, and this version of Annals reads format ${directoryFormat} only.`);
  }
  return found;
}

/** Begins a directory with these settings. */
export async function writeDescription(path: string, { demo, tokens, timeZone }: Settings): Promise<void> {
  await writeDurably(join(path, descriptionName), `${JSON.stringify({ format: directoryFormat, demo, timeZone, tokens }, undefined, 2)}\n`);
}

/** @returns the absolute path of a directory that is there now */
export async function makeDirectory(directory: string): Promise<string> {
  await mkdir(resolve(directory), { recursive: true, mode: 0o700 });
  return realpath(directory);
}

function childrenFile(path: string): string {
  return join(path, 'processes.json');
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw new LocalError(`The file ${path} cannot be read: ${messageOf(error)}.`);
  }
}

async function describe(path: string, demo: boolean, tokens: boolean | undefined): Promise<Description> {
  const found = await readDescription(path);
  const zone = process.env['ANNALS_TIME_ZONE'];
  const before = found ?? made(demo, zone);
  const kept = { ...before, tokens: tokens ?? before.tokens === true };
  if (found?.tokens !== kept.tokens) await writeDescription(path, kept);
  return { ...kept, timeZone: zone ?? kept.timeZone };
}

const made = (demo: boolean, zone = Intl.DateTimeFormat().resolvedOptions().timeZone): Description => ({ format: directoryFormat, demo, timeZone: zone });

/** Keys named by the environment are the operator's: they are read from there and never made. */
export function keyFilesOf(path: string): { readonly masterKeyFile: string; readonly deploymentKeyFile: string } {
  return {
    masterKeyFile: process.env['MASTER_KEY_FILE'] ?? join(path, 'master.key'),
    deploymentKeyFile: process.env['DEPLOYMENT_KEY_FILE'] ?? join(path, 'deployment.key'),
  };
}

async function ensureKeys(path: string): Promise<{ masterKeyFile: string; deploymentKeyFile: string }> {
  const hasLog = existsSync(join(path, 'postgres/passwords.json'));
  const files = keyFilesOf(path);
  await ensureKeyFile(files.masterKeyFile, process.env['MASTER_KEY_FILE'] === undefined && !hasLog);
  await ensureKeyFile(files.deploymentKeyFile, process.env['DEPLOYMENT_KEY_FILE'] === undefined && !hasLog);
  return files;
}

/** A lost pair is made anew: tokens that were signed with it are then refused, and nothing else is lost. */
async function ensureTokenKeys(path: string): Promise<{ tokenKeyFile: string; tokenPublicKeyFile: string }> {
  const files = { tokenKeyFile: join(path, keyPairFiles.signing), tokenPublicKeyFile: join(path, keyPairFiles.verifying) };
  if (!existsSync(files.tokenKeyFile) || !existsSync(files.tokenPublicKeyFile)) {
    const { signing, verifying } = newKeyPair();
    await writeDurably(files.tokenKeyFile, signing);
    await writeDurably(files.tokenPublicKeyFile, verifying);
  }
  return files;
}

/** Services end by themselves when their supervisor is killed; one that hangs would not. */
async function endLeftOver(path: string): Promise<void> {
  const children = (await readJson(childrenFile(path))) as Record<string, ProcessIdentity> | undefined;
  const running = (): ProcessIdentity[] => Object.values(children ?? {}).filter(isRunning);
  for (const name of ['SIGTERM', 'SIGKILL'] as const) {
    for (const { pid } of running()) signal(pid, name);
    await waitUntil(() => running().length === 0, 3_000);
  }
}
