import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from './errors.js';
import { writeDurably } from './key-files.js';

const marker = (path: string): string => join(path, 'restoring');

/** Says of a directory that a restore into it has begun, until `endRestoring`. */
export async function beginRestoring(path: string): Promise<void> {
  await writeDurably(marker(path), '');
}

export async function endRestoring(path: string): Promise<void> {
  await rm(marker(path), { force: true });
}

export const isHalfRestored = (path: string): boolean => existsSync(marker(path));

/** @throws LocalError */
export function refuseHalfRestored(path: string): void {
  if (isHalfRestored(path)) throw new LocalError(`A restore into ${path} was not finished: run it again (annals restore BACKUP --data-dir ${path}), or remove the directory.`);
}
