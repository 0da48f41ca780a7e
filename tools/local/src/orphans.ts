import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder, readPidFile, type Cluster } from './cluster.js';
import { LocalError, exitCodes } from './errors.js';
import { postgresProcessesIn, signal, waitUntil } from './processes.js';

/** Fast shutdown first, then immediate, then the last resort; each with its bound. */
const escalation: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 15_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
];

/**
 * Ends the PostgreSQL that a killed owner left running on this cluster, and removes a postmaster.pid that names
 * no PostgreSQL of ours: after a restart of the machine its number may belong to anybody.
 *
 * Call it only while holding the cluster's lock.
 */
export async function stopOrphans(cluster: Cluster): Promise<void> {
  const postmaster = readPidFile(cluster)?.pid;
  const running = (): number[] => postgresProcessesIn(dataFolder(cluster), postmaster);
  for (const [name, withinMs] of escalation) {
    const pids = running();
    if (pids.length === 0) break;
    // A shutdown is the postmaster's business; told directly, its children only leave it confused.
    const told = name === 'SIGKILL' ? [] : pids.filter((pid) => pid === postmaster);
    for (const pid of told.length > 0 ? told : pids) signal(pid, name);
    await waitUntil(() => running().length === 0, withinMs);
  }
  if (running().length > 0) {
    throw new LocalError(`A PostgreSQL of an earlier start still runs in ${cluster.directory} and cannot be stopped.`, exitCodes.dataDirectoryInUse);
  }
  await rm(join(dataFolder(cluster), 'postmaster.pid'), { force: true });
}
