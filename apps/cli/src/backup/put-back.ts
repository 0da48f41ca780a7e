import { readFile } from 'node:fs/promises';

import { restorePostgresLog, type StoredEvent } from '@annals/event-store';
import { restoreKeptKeys, type KeptKey } from '@annals/sealing';

import { CommandFailed } from '../exit-codes.js';
import { codeOf, failureOf } from '../failure.js';
import type { Terminal } from '../terminal.js';
import { keyFiles, keysManifest, logManifest, type BackupFile, type KeysManifest, type LogManifest } from './manifest.js';
import { eventRecord, keyRecord } from './records.js';
import { readManifest, readRecords, readSetFile, verifyExpiry, verifyPair } from './set-reader.js';
import { writeDurably } from './set-writer.js';

/** What is restored, and where to. */
export interface PuttingBack {
  /** Folder of the set of events. */
  readonly log: string;
  /** Folder of the set of keys. */
  readonly keys: string;
  /** URLs of the owners. */
  readonly into: {
    readonly eventStoreUrl: string;
    readonly keyStoreUrl: string;
    readonly deploymentKeyFile: string;
    readonly masterKeyFile: string;
  };
  /** Take a backup whose time is over. */
  readonly evenExpired: boolean;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** The two sets of a backup. */
export interface Sets {
  readonly log: LogManifest;
  readonly keys: KeysManifest;
}

/** @throws CommandFailed where the two sets are not of one backup, or may no longer be used */
export async function readSets({ log: logFolder, keys: keysFolder, evenExpired }: Pick<PuttingBack, 'log' | 'keys' | 'evenExpired'>): Promise<Sets> {
  const log = await readManifest(logFolder, logManifest);
  const keys = await readManifest(keysFolder, keysManifest);
  verifyPair(log, keys);
  if (!evenExpired) verifyExpiry(log, keys);
  return { log, keys };
}

/**
 * Restores a backup into an empty log and an empty key store. Keys and key files become visible just before the log
 * does, so that no service can meet events whose keys it lacks. Where it was interrupted between the two, the next
 * time finds the backup's keys there, and goes on.
 */
export async function putBack(putting: PuttingBack): Promise<Sets> {
  const sets = await readSets(putting);
  const files = await keyFilesOf(putting, sets.keys);
  const progress = putting.terminal.progress('events', sets.log.position, 'events');
  let areKeysThere = false;
  try {
    await restorePostgresLog({
      ownerUrl: putting.into.eventStoreUrl,
      head: { logId: sets.log.logId, position: sets.log.position, eventId: sets.log.eventId },
      events: eventsOf(putting, sets.log, progress.update),
      beforeCommit: async () => {
        await restoreKeptKeys(putting.into.keyStoreUrl, sets.keys, keysOf(putting, sets.keys));
        areKeysThere = true;
        for (const { path, bytes } of files) await writeDurably(path, bytes);
      },
    });
    return sets;
  } catch (error) {
    throw areKeysThere ? failureOf(error, 'The keys are there, and whether the log is cannot be told: restore again') : error;
  } finally {
    progress.stop();
  }
}

async function* eventsOf({ log: folder, signal }: PuttingBack, log: LogManifest, told: (done: number) => void): AsyncGenerator<StoredEvent> {
  for await (const { records } of readRecords(folder, log.files, eventRecord)) {
    signal.throwIfAborted();
    yield* records;
    told(records.at(-1)?.position ?? 0);
  }
}

async function* keysOf({ keys: folder, signal }: PuttingBack, keys: KeysManifest): AsyncGenerator<readonly KeptKey[]> {
  for await (const { records } of readRecords(folder, keys.files, keyRecord)) {
    signal.throwIfAborted();
    yield records;
  }
}

/** The key files that are still to be written. @throws CommandFailed where another key is in the way */
async function keyFilesOf({ keys: folder, into }: PuttingBack, { files }: KeysManifest): Promise<{ path: string; bytes: Buffer }[]> {
  const targets = new Map<string, string>([
    [keyFiles.deployment, into.deploymentKeyFile],
    [keyFiles.master, into.masterKeyFile],
  ]);
  const missing: { path: string; bytes: Buffer }[] = [];
  for (const [path, file] of files.map((each): [string | undefined, BackupFile] => [targets.get(each.name), each])) {
    if (path === undefined) continue;
    const bytes = await readSetFile(folder, file);
    const there = await bytesAt(path);
    if (there === undefined) missing.push({ path, bytes });
    else if (!bytes.equals(there)) throw new CommandFailed(`${path} holds another key than the backup. Move it away, or name another file.`);
  }
  return missing;
}

async function bytesAt(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw failureOf(error, `The key file ${path} cannot be read`);
  }
}
