import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import type { z } from 'zod';

import { CommandFailed } from '../exit-codes.js';
import { MANIFEST, type BackupFile } from './manifest.js';

/** More than any file of a backup unpacks to. */
const UNPACKED_BYTES = 64 * 1024 * 1024;

const unpack = promisify(gunzip);

/** @throws CommandFailed where the folder holds no whole set */
export async function readManifest<S extends z.ZodType>(folder: string, schema: S): Promise<z.infer<S>> {
  try {
    return schema.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')));
  } catch (cause) {
    throw new CommandFailed(`${folder} holds no whole set of a backup: its ${MANIFEST} is missing or cannot be read.${cause instanceof SyntaxError ? ' It is not JSON.' : ''}`);
  }
}

/** A file of a set, as long as it is what the manifest says. @throws CommandFailed */
export async function readSetFile(folder: string, { name, sha256 }: BackupFile): Promise<Buffer> {
  const path = join(folder, name);
  const bytes = await readFile(path).catch(() => {
    throw new CommandFailed(`The backup is not whole: ${path} cannot be read.`);
  });
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new CommandFailed(`The backup is damaged: ${path} is not what its manifest says.`);
  return bytes;
}

/** The records of a set, a file at a time. @throws CommandFailed where a file is missing or was changed */
export async function* readRecords<S extends z.ZodType>(folder: string, files: readonly BackupFile[], schema: S): AsyncGenerator<z.infer<S>[]> {
  for (const file of files) {
    if (!file.name.endsWith('.ndjson.gz')) continue;
    const text = (await unpack(await readSetFile(folder, file), { maxOutputLength: UNPACKED_BYTES })).toString('utf8');
    const records = text.split('\n').filter((line) => line !== '').map((line) => schema.parse(JSON.parse(line)));
    if (records.length !== file.records) throw new CommandFailed(`The backup is damaged: ${file.name} holds ${records.length} records and not ${file.records}.`);
    yield records;
  }
}
