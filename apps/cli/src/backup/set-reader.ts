import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import { z } from 'zod';

import { CommandFailed } from '../exit-codes.js';
import { codeOf, failureOf } from '../failure.js';
import { FORMAT, MANIFEST, type BackupFile, type KeysManifest, type LogManifest } from './manifest.js';

/** More than any file of a backup unpacks to. */
const UNPACKED_BYTES = 64 * 1024 * 1024;

const unpack = promisify(gunzip);
const ofAnyFormat = z.object({ format: z.int() });

/** The records of one file of a set. */
export interface RecordsOfFile<T> {
  /** The file. */
  readonly path: string;
  /** In the order of its lines. */
  readonly records: readonly T[];
}

/** @throws CommandFailed where the folder holds no whole set, or one that this version cannot read */
export async function readManifest<S extends z.ZodType>(folder: string, schema: S): Promise<z.infer<S>> {
  const path = join(folder, MANIFEST);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw failureOf(error, `${path} cannot be read`);
    throw new CommandFailed(`${folder} holds no whole set of a backup: it has no ${MANIFEST}, which is written last.`);
  });
  const value = jsonOf(text);
  const { data } = ofAnyFormat.safeParse(value);
  if (data !== undefined && data.format > FORMAT) {
    throw new CommandFailed(`${path} is of format ${data.format}, and this version of Annals reads format ${FORMAT}: use a newer version.`);
  }
  const manifest = schema.safeParse(value);
  if (!manifest.success) throw new CommandFailed(`${folder} holds no whole set of a backup: its ${MANIFEST} is damaged, ${wrongIn(manifest.error)}.`);
  return manifest.data;
}

/** @throws CommandFailed where log and keys are not of one backup */
export function verifyPair(log: LogManifest, keys: KeysManifest): void {
  if (log.backupId === keys.backupId && log.logId === keys.logId) return;
  throw new CommandFailed(`The log is of backup ${log.backupId} and the keys are of ${keys.backupId}: use two sets that were taken together.`);
}

/** @throws CommandFailed where one of the sets may no longer be used */
export function verifyExpiry(...sets: readonly (LogManifest | KeysManifest)[]): void {
  const first = sets.reduce((a, b) => (Date.parse(b.expiresAt) < Date.parse(a.expiresAt) ? b : a));
  if (Date.parse(first.expiresAt) >= Date.now()) return;
  throw new CommandFailed(`This backup expired at ${first.expiresAt}. Keys that were destroyed since it was taken would come back with it, and with them whoever was to be forgotten. --expired takes it nevertheless.`);
}

/** A file of a set, as long as it is what the manifest says. @throws CommandFailed */
export async function readSetFile(folder: string, { name, sha256 }: BackupFile): Promise<Buffer> {
  const path = join(folder, name);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw failureOf(error, `The backup is not whole: ${path} cannot be read`);
  });
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new CommandFailed(`The backup is damaged: ${path} is not what its manifest says.`);
  return bytes;
}

/** The records of a set, a file at a time. @throws CommandFailed where a file is missing or was changed */
export async function* readRecords<S extends z.ZodType>(folder: string, files: readonly BackupFile[], schema: S): AsyncGenerator<RecordsOfFile<z.infer<S>>> {
  for (const file of files) {
    if (!file.name.endsWith('.ndjson.gz')) continue;
    const path = join(folder, file.name);
    const bytes = await readSetFile(folder, file);
    const text = await unpack(bytes, { maxOutputLength: UNPACKED_BYTES }).catch(() => {
      throw new CommandFailed(`The backup is damaged: ${path} cannot be unpacked.`);
    });
    const lines = text.toString('utf8').split('\n').filter((line) => line !== '');
    const records = lines.map((line, index) => {
      const record = schema.safeParse(jsonOf(line));
      if (!record.success) throw new CommandFailed(`The backup is damaged: ${path}, line ${index + 1}, ${wrongIn(record.error)}.`);
      return record.data;
    });
    if (records.length !== file.records) throw new CommandFailed(`The backup is damaged: ${path} holds ${records.length} records and not ${file.records}.`);
    yield { path, records };
  }
}

/** What is no JSON is no value of any schema either. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names a member, never a value: in a set of keys that would be a secret. */
function wrongIn(error: z.ZodError): string {
  const path = error.issues[0]?.path.join('/') ?? '';
  return path === '' ? 'not what belongs there' : `wrong at ${path}`;
}
