import { randomUUID } from 'node:crypto';

import { openPostgresStore, type EventStore, type Place } from '@annals/event-store';
import { createIdentities, createMasterKey, readKeptKeys, readKeyFile } from '@annals/sealing';

import { CommandFailed } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';
import { FORMAT, keyFiles, type LogManifest } from './manifest.js';
import { SetWriter } from './set-writer.js';

/** Where the events are, and where their set goes. */
export interface TakingLog {
  readonly url: string;
  readonly folder: string;
  /** Of the data directory that it lies in. */
  readonly settings: LogManifest['settings'];
}

/** Where the keys are, and where their set goes. */
export interface TakingKeys {
  readonly url: string;
  readonly folder: string;
  readonly deploymentKeyFile: string;
  readonly masterKeyFile: string;
  readonly withMasterKey: boolean;
}

/** What is backed up, and where to. */
export interface Taking {
  /** Undefined where the keys are taken alone. */
  readonly log: TakingLog | undefined;
  /** Undefined where the log is taken alone. */
  readonly keys: TakingKeys | undefined;
  /** Of the backup whose log was taken before, where the keys are taken alone. */
  readonly backupId?: string | undefined;
  readonly keepDays: number;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** What was taken. */
export interface Taken {
  readonly backupId: string;
  readonly logId: string;
  /** Undefined where the keys were taken alone. */
  readonly events: number | undefined;
  /** Undefined where the log was taken alone. */
  readonly keys: number | undefined;
  readonly expiresAt: string;
}

interface Common {
  readonly format: number;
  readonly backupId: string;
  readonly takenAt: string;
  readonly expiresAt: string;
}

const DAY_MS = 86_400_000;

/**
 * Takes a backup of a log in use: all events up to where the log stands now, then the keys. A key is durable before
 * an event is sealed with it, so every key that one of the events needs is among them. The backup's id is made after
 * the log was asked where it stands: keys that are taken alone under it are taken later, too.
 */
export async function takeBackup(taking: Taking): Promise<Taken> {
  const source = taking.log && { ...taking.log, store: await openPostgresStore({ connectionString: taking.log.url }) };
  const begun: SetWriter[] = [];
  try {
    return await takeSets(taking, source, async (folder, name) => {
      const set = await SetWriter.begin(folder, name);
      begun.push(set);
      return set;
    });
  } catch (error) {
    // What the disk does not even let go of is told by what it did not take.
    for (const set of begun) await set.discard().catch(() => undefined);
    throw error;
  } finally {
    await source?.store.close();
  }
}

interface Keys {
  readonly from: TakingKeys;
  readonly set: SetWriter;
}

interface Source extends Omit<TakingLog, 'url'> {
  readonly store: EventStore;
}

interface Log extends Pick<Source, 'store' | 'settings'> {
  readonly head: Place;
  readonly set: SetWriter;
}

type Begin = (folder: string, name: string) => Promise<SetWriter>;

async function takeSets(taking: Taking, source: Source | undefined, begin: Begin): Promise<Taken> {
  const keys = taking.keys && { from: taking.keys, set: await begin(taking.keys.folder, 'keys') };
  const log = source && (await beginLog(source, begin));
  const common = commonOf(taking);
  if (log !== undefined) await writeEvents(log, taking);
  const kept = keys && (await writeKeys(keys, taking, { ...common, logId: log?.head.logId }));
  if (log !== undefined) await log.set.end({ ...common, set: 'log', ...log.head, settings: log.settings });
  return summary(common, log?.head, kept);
}

const beginLog = async ({ store, folder, settings }: Source, begin: Begin): Promise<Log> => ({ store, settings, set: await begin(folder, 'events'), head: await store.head() });

function commonOf({ backupId = randomUUID(), keepDays }: Taking): Common {
  const now = Date.now();
  return { format: FORMAT, backupId, takenAt: new Date(now).toISOString(), expiresAt: new Date(now + keepDays * DAY_MS).toISOString() };
}

const summary = ({ backupId, expiresAt }: Common, head: Place | undefined, kept: Kept | undefined): Taken => ({
  backupId,
  logId: head?.logId ?? kept?.logId ?? '',
  events: head?.position,
  keys: kept?.count,
  expiresAt,
});

async function writeEvents({ store, head, set }: Log, { terminal, signal }: Taking): Promise<void> {
  const progress = terminal.progress('events', head.position, 'events');
  try {
    for (let after = 0; after < head.position; ) {
      signal.throwIfAborted();
      const { events, next } = await store.readAll({ after, limit: Math.min(1_000, head.position - after) });
      for (const { data, metadata, ...event } of events) {
        await set.add({ ...event, data: Buffer.from(data).toString('base64'), metadata: Buffer.from(metadata).toString('base64') });
      }
      if (next === after) throw new CommandFailed(`The log ends at position ${after}, before ${head.position} where it stood a moment ago: it was replaced meanwhile.`);
      after = next;
      progress.update(after);
    }
  } finally {
    progress.stop();
  }
}

interface Kept {
  readonly logId: string;
  readonly count: number;
}

/** @param common - with the log's id, where the log is taken too */
async function writeKeys({ from, set }: Keys, { signal }: Taking, common: Common & { readonly logId: string | undefined }): Promise<Kept> {
  let count = 0;
  const binding = await readKeptKeys(from.url, async (page) => {
    signal.throwIfAborted();
    count += page.length;
    for (const key of page) await set.add(key);
  });
  const [deploymentKey, masterKey] = [await readKeyFile(from.deploymentKeyFile), await readKeyFile(from.masterKeyFile)];
  const logId = common.logId ?? binding.logId;
  const isOfLog = binding.logId === logId && createIdentities(deploymentKey).deploymentKeyId === binding.deploymentKeyId;
  if (!isOfLog || createMasterKey(masterKey).id !== binding.masterKeyId) {
    throw new CommandFailed('The keys, the key files and the log do not belong together: with this backup nothing could be opened.');
  }
  await set.addFile(keyFiles.deployment, deploymentKey);
  if (from.withMasterKey) await set.addFile(keyFiles.master, masterKey);
  await set.end({ ...common, logId, set: 'keys', deploymentKeyId: binding.deploymentKeyId, masterKeyId: binding.masterKeyId, hasMasterKey: from.withMasterKey });
  return { logId, count };
}
