import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { openPostgresStore, type EventStore, type Place } from '@annals/event-store';
import { createIdentities, createMasterKey, readKeptKeys, readKeyFile } from '@annals/sealing';

import { CommandFailed } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';
import { SetWriter } from './set-writer.js';

/** What is backed up, and where to. */
export interface Taking {
  readonly folder: string;
  readonly eventStoreUrl: string;
  readonly keyStoreUrl: string;
  readonly deploymentKeyFile: string;
  readonly masterKeyFile: string;
  readonly withMasterKey: boolean;
  readonly keepDays: number;
  readonly terminal: Terminal;
}

/** What was taken. */
export interface Taken {
  readonly backupId: string;
  readonly logId: string;
  readonly events: number;
  readonly keys: number;
  readonly expiresAt: string;
}

const DAY_MS = 86_400_000;

/**
 * Takes a backup of a log in use: all events up to where the log stands now, then the keys. A key is durable before
 * an event is sealed with it, so every key that one of the events needs is among them.
 */
export async function takeBackup(taking: Taking): Promise<Taken> {
  const store = await openPostgresStore({ connectionString: taking.eventStoreUrl });
  try {
    const head = await store.head();
    const now = Date.now();
    const common = {
      format: 1,
      backupId: randomUUID(),
      logId: head.logId,
      takenAt: new Date(now).toISOString(),
      expiresAt: new Date(now + taking.keepDays * DAY_MS).toISOString(),
    } as const;
    const keysSet = await SetWriter.begin(join(taking.folder, 'keys'), 'keys');
    const logSet = await SetWriter.begin(join(taking.folder, 'log'), 'events');
    await writeEvents(store, head, logSet, taking.terminal);
    const keys = await writeKeys(taking, common, keysSet);
    await logSet.end({ ...common, set: 'log', position: head.position, eventId: head.eventId });
    return { backupId: common.backupId, logId: head.logId, events: head.position, keys, expiresAt: common.expiresAt };
  } finally {
    await store.close();
  }
}

async function writeEvents(store: EventStore, head: Place, set: SetWriter, terminal: Terminal): Promise<void> {
  const progress = terminal.progress('events', head.position, 'events');
  try {
    for (let after = 0; after < head.position; ) {
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

async function writeKeys(taking: Taking, common: { readonly logId: string }, set: SetWriter): Promise<number> {
  let count = 0;
  const binding = await readKeptKeys(taking.keyStoreUrl, async (page) => {
    count += page.length;
    for (const key of page) await set.add(key);
  });
  const [deploymentKey, masterKey] = [await readKeyFile(taking.deploymentKeyFile), await readKeyFile(taking.masterKeyFile)];
  const isOfLog = binding.logId === common.logId && createIdentities(deploymentKey).deploymentKeyId === binding.deploymentKeyId;
  if (!isOfLog || createMasterKey(masterKey).id !== binding.masterKeyId) {
    throw new CommandFailed('The keys, the key files and the log do not belong together: with this backup nothing could be opened. Nothing usable was written.');
  }
  await set.addFile('deployment.key', deploymentKey);
  if (taking.withMasterKey) await set.addFile('master.key', masterKey);
  await set.end({ ...common, set: 'keys', deploymentKeyId: binding.deploymentKeyId, masterKeyId: binding.masterKeyId, hasMasterKey: taking.withMasterKey });
  return count;
}
