import { join } from 'node:path';

import { createIdentities, createMasterKey, WrongKeys, type MasterKey } from '@annals/sealing';
import type { z } from 'zod';

import { CommandFailed } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';
import { Distinct } from './distinct.js';
import { EventOrder } from './event-order.js';
import { keyFiles, keysManifest, logManifest, type KeysManifest, type LogManifest } from './manifest.js';
import { eventRecord, keyRecord, type KeyRecord } from './records.js';
import { readManifest, readRecords, readSetFile, verifyExpiry, verifyPair, type RecordsOfFile } from './set-reader.js';

/** What is verified. */
export interface Verifying {
  /** Folder of the set of events; undefined where the keys are verified alone. */
  readonly log: string | undefined;
  /** Folder of the set of keys; undefined where the log is verified alone. */
  readonly keys: string | undefined;
  readonly evenExpired: boolean;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** What was verified. */
export interface Verified {
  readonly log: LogManifest | undefined;
  readonly keys: KeysManifest | undefined;
}

/**
 * Reads a backup from end to end, without any database: that the two sets are of one backup and may still be used,
 * that every file has its SHA-256, and that events and keys are whole and in order.
 *
 * @throws CommandFailed that names the first place where something is amiss
 */
export async function verifyBackup(verifying: Verifying): Promise<Verified> {
  const log = await manifestAt(verifying.log, logManifest);
  const keys = await manifestAt(verifying.keys, keysManifest);
  if (log !== undefined && keys !== undefined) verifyPair(log.manifest, keys.manifest);
  if (log !== undefined) await verifyEvents(log, verifying);
  if (keys !== undefined) await verifyKeys(keys, verifying);
  const verified = { log: log?.manifest, keys: keys?.manifest };
  if (!verifying.evenExpired) verifyExpiry(...Object.values(verified).filter((set) => set !== undefined));
  return verified;
}

interface SetAt<M> {
  readonly folder: string;
  readonly manifest: M;
}

const manifestAt = async <S extends z.ZodType>(folder: string | undefined, schema: S): Promise<SetAt<z.infer<S>> | undefined> =>
  folder === undefined ? undefined : { folder, manifest: await readManifest(folder, schema) };

async function verifyEvents({ folder, manifest: { files, position, eventId } }: SetAt<LogManifest>, { terminal, signal }: Verifying): Promise<void> {
  const order = new EventOrder();
  const progress = terminal.progress('events', position, 'events');
  const read = () => readRecords(folder, files, eventRecord);
  try {
    await verifyEach(read, ({ id }) => id, {
      signal,
      what: 'event',
      check: (event) => order.next(event),
      done: () => progress.update(order.last.position),
    });
  } finally {
    progress.stop();
  }
  if (order.last.position === position && order.last.id === eventId) return;
  throw new CommandFailed(`The backup is damaged: ${folder} ends at position ${order.last.position} and not with the event at ${position} that its manifest names.`);
}

async function verifyKeys({ folder, manifest }: SetAt<KeysManifest>, { signal }: Verifying): Promise<void> {
  const master = await verifyKeyFiles(folder, manifest);
  let last = '';
  const check = (key: KeyRecord): string | undefined => {
    if (key.id <= last) return `has id ${key.id} after ${last}`;
    last = key.id;
    if ((key.wrapped === null) !== (key.destroyedAt !== null)) return 'is neither held nor destroyed';
    return master !== undefined && !opens(master, key) ? 'cannot be opened with the master key of the backup' : undefined;
  };
  await verifyEach(() => readRecords(folder, manifest.files, keyRecord), ({ holder }) => holder, { signal, what: 'key', check });
}

/** @returns the master key, where the backup holds it */
async function verifyKeyFiles(folder: string, { files, deploymentKeyId, masterKeyId, hasMasterKey }: KeysManifest): Promise<MasterKey | undefined> {
  const bytesOf = async (name: string): Promise<Buffer> => {
    const file = files.find((each) => each.name === name);
    if (file === undefined) throw new CommandFailed(`The backup is not whole: ${join(folder, name)} is missing.`);
    return readSetFile(folder, file);
  };
  const damaged = (name: string): CommandFailed => new CommandFailed(`The backup is damaged: ${join(folder, name)} is not the key that its manifest names.`);
  const deploymentKey = await bytesOf(keyFiles.deployment);
  if (deploymentKey.length !== KEY_BYTES || createIdentities(deploymentKey).deploymentKeyId !== deploymentKeyId) throw damaged(keyFiles.deployment);
  if (!hasMasterKey) return undefined;
  const masterKey = await bytesOf(keyFiles.master);
  if (masterKey.length !== KEY_BYTES || createMasterKey(masterKey).id !== masterKeyId) throw damaged(keyFiles.master);
  return createMasterKey(masterKey);
}

const KEY_BYTES = 32;

function opens(master: MasterKey, { id, wrapped, masterKey }: KeyRecord): boolean {
  if (wrapped === null || masterKey !== master.id) return true;
  try {
    master.unwrap(Buffer.from(wrapped, 'base64'), id);
    return true;
  } catch (error) {
    if (error instanceof WrongKeys) return false;
    throw error;
  }
}

interface Checks<T> {
  readonly signal: AbortSignal;
  /** What a record is. */
  readonly what: string;
  /** @returns what is wrong with the next record */
  readonly check: (record: T) => string | undefined;
  /** Called after each file. */
  readonly done?: () => void;
}

/** Checks each record, and that no two have the same name: a second reading names the place where there are two. */
async function verifyEach<T>(
  read: () => AsyncIterable<RecordsOfFile<T>>,
  nameOf: (record: T) => string,
  { signal, what, check, done }: Checks<T>,
): Promise<void> {
  const distinct = new Distinct();
  const each = async (wrong: (record: T) => string | undefined): Promise<void> => {
    for await (const { path, records } of read()) {
      signal.throwIfAborted();
      records.forEach((record, index) => {
        const found = wrong(record);
        if (found !== undefined) throw new CommandFailed(`The backup is damaged: ${path}, line ${index + 1}, the ${what} ${found}.`);
      });
      done?.();
    }
  };
  await each((record) => {
    distinct.add(nameOf(record));
    return check(record);
  });
  const isRepeated = distinct.repeats();
  if (isRepeated !== undefined) await each((record) => (isRepeated(nameOf(record)) ? `is there a second time` : undefined));
}
