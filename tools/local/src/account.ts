import { readFileSync, statSync } from 'node:fs';
import { LocalError } from './errors.js';

/** The operating system's account that PostgreSQL runs under. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account to run PostgreSQL under, or undefined to run it as ourselves.
 *
 * PostgreSQL refuses to run as root. Root therefore lends it the account that owns the cluster already,
 * else `postgres` if this machine has one, else `nobody`.
 *
 * @param cluster - the cluster's folder, which may not exist yet
 */
export function postgresAccount(cluster: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = ownerOf(cluster);
  if (owner !== undefined && owner.uid !== 0) return owner;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find((fields) => fields[0] === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new LocalError('PostgreSQL does not run as root, and this machine has neither a postgres nor a nobody account to lend it; start Annals as an ordinary user.');
}

function ownerOf(path: string): Account | undefined {
  const owner = statSync(path, { throwIfNoEntry: false });
  return owner === undefined ? undefined : { uid: owner.uid, gid: owner.gid };
}
