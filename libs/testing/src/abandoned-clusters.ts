import { existsSync } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalError, destroyPostgres, exitCodes } from '@annals/local';

const abandonedAfterMs = 60_000;

/** Where the clusters of this account's test runs lie. */
export function clustersFolder(): string {
  return join(tmpdir(), `annals-tests-${process.getuid?.() ?? 0}`);
}

/** Removes the clusters of test runs that were killed, and ends the PostgreSQL that each left running. */
export async function removeAbandonedClusters(): Promise<void> {
  await mkdir(clustersFolder(), { recursive: true, mode: 0o700 });
  for (const name of await readdir(clustersFolder())) {
    const directory = join(clustersFolder(), name);
    if (await mayBeAbandoned(directory)) await removeUnlessInUse(directory);
  }
}

/** A folder without a lock may be one that another test process is just making. */
async function mayBeAbandoned(directory: string): Promise<boolean> {
  if (existsSync(join(directory, 'owner.lock'))) return true;
  const made = await stat(directory).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > abandonedAfterMs;
}

async function removeUnlessInUse(directory: string): Promise<void> {
  try {
    await destroyPostgres(directory);
  } catch (error) {
    if (!(error instanceof LocalError && error.exitCode === exitCodes.dataDirectoryInUse)) throw error;
  }
}
