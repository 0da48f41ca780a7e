import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { LocalError, exitCodes, systemErrorCode } from './errors.js';

const keyBytes = 32;

/**
 * Makes a key file of 32 random bytes and mode 0600 unless there is one.
 *
 * @param path - where the key lies
 * @param mayMake - false where a log was written with the key already: a missing key is then refused, for a new one
 * could open nothing of it
 * @throws LocalError with `exitCodes.keysMissing`
 */
export async function ensureKeyFile(path: string, mayMake: boolean): Promise<void> {
  const length = await keyLength(path);
  if (length === keyBytes) return;
  if (length !== undefined) throw new LocalError(`The key file ${path} holds ${length} bytes instead of ${keyBytes}; put the right one back from your backup.`, exitCodes.keysMissing);
  if (!mayMake) {
    throw new LocalError(
      `The log in ${dirname(path)} was written with a key that is missing: ${basename(path)}. Put it back from your backup; without it the log cannot be read.`,
      exitCodes.keysMissing,
    );
  }
  await writeDurably(path, randomBytes(keyBytes));
}

async function keyLength(path: string): Promise<number | undefined> {
  try {
    return (await readFile(path)).length;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw new LocalError(`The key file ${path} cannot be read.`, exitCodes.keysMissing);
  }
}

/** Writes a file of mode 0600 that is whole and on the disk when this resolves, or is not there. */
export async function writeDurably(path: string, bytes: string | Uint8Array): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  // The name too must outlast a power cut, or a log could be left whose key is gone.
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
