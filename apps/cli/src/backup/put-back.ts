import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { restorePostgresLog, type StoredEvent } from '@annals/event-store';
import { restoreKeptKeys } from '@annals/sealing';
import { z } from 'zod';

import { CommandFailed } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';
import { keysManifest, logManifest, type KeysManifest, type LogManifest } from './manifest.js';
import { readManifest, readRecords, readSetFile } from './set-reader.js';
import { writeDurably } from './set-writer.js';

/** What is restored, and where to. */
export interface PuttingBack {
  readonly folder: string;
  readonly eventStoreOwnerUrl: string;
  readonly keyStoreOwnerUrl: string;
  readonly deploymentKeyFile: string;
  readonly masterKeyFile: string;
  /** Take a backup whose time is over. */
  readonly evenExpired: boolean;
  readonly terminal: Terminal;
}

const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));
const event = z.object({
  position: z.int().min(1),
  stream: z.string(),
  revision: z.int().min(0),
  id: z.uuid(),
  type: z.string(),
  version: z.int().min(1),
  data: bytes,
  metadata: bytes,
  recordedAt: z.int(),
});
const key = z.object({
  id: z.uuid(),
  holder: z.string(),
  wrapped: z.base64().nullable(),
  masterKey: z.string(),
  createdAt: z.string(),
  destroyedAt: z.string().nullable(),
});

interface Sets {
  readonly log: LogManifest;
  readonly keys: KeysManifest;
}

/**
 * Restores a backup into an empty log and an empty key store. Keys and key files become visible just before the log
 * does, so that no service can meet events whose keys it lacks.
 */
export async function putBack(into: PuttingBack): Promise<Sets> {
  const sets = await readSets(into);
  const progress = into.terminal.progress('events', sets.log.position, 'events');
  try {
    await restorePostgresLog({
      ownerUrl: into.eventStoreOwnerUrl,
      head: { logId: sets.log.logId, position: sets.log.position, eventId: sets.log.eventId },
      events: eventsOf(into, sets.log, progress.update),
      beforeCommit: async () => {
        await putKeyFiles(into, sets.keys);
        await restoreKeptKeys(into.keyStoreOwnerUrl, sets.keys, readRecords(join(into.folder, 'keys'), sets.keys.files, key));
      },
    });
    return sets;
  } finally {
    progress.stop();
  }
}

async function readSets({ folder, evenExpired }: PuttingBack): Promise<Sets> {
  const log = await readManifest(join(folder, 'log'), logManifest);
  const keys = await readManifest(join(folder, 'keys'), keysManifest);
  if (log.backupId !== keys.backupId || log.logId !== keys.logId) {
    throw new CommandFailed(`The log is of backup ${log.backupId} and the keys are of ${keys.backupId}: restore two sets that were taken together.`);
  }
  if (!evenExpired && Date.parse(keys.expiresAt) < Date.now()) {
    throw new CommandFailed(`This backup expired at ${keys.expiresAt}. Keys that were destroyed since it was taken would come back with it, and with them whoever was to be forgotten. --expired restores it nevertheless.`);
  }
  return { log, keys };
}

async function* eventsOf({ folder }: PuttingBack, log: LogManifest, told: (done: number) => void): AsyncGenerator<StoredEvent> {
  for await (const events of readRecords(join(folder, 'log'), log.files, event)) {
    yield* events;
    told(events.at(-1)?.position ?? 0);
  }
}

async function putKeyFiles(into: PuttingBack, { files }: KeysManifest): Promise<void> {
  const targets = { 'deployment.key': into.deploymentKeyFile, 'master.key': into.masterKeyFile };
  for (const file of files) {
    if (file.name !== 'deployment.key' && file.name !== 'master.key') continue;
    const target = targets[file.name];
    const kept = await readSetFile(join(into.folder, 'keys'), file);
    const there = await readFile(target).catch(() => undefined);
    if (there === undefined) await writeDurably(target, kept);
    else if (!kept.equals(there)) throw new CommandFailed(`${target} holds another key than the backup. Move it away, or name another file.`);
  }
}
