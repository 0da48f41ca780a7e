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
  const account = accountNamed('postgres') ?? accountNamed('nobody');
  if (account !== undefined) return account;
  throw new LocalError('PostgreSQL does not run as root, and this machine has neither a postgres nor a nobody account to lend it; start Annals as an ordinary user.');
}

function accountNamed(name: string): Account | undefined {
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

function ownerOf(path: string): Account | undefined {
  const owner = statSync(path, { throwIfNoEntry: false });
  return owner === undefined ? undefined : { uid: owner.uid, gid: owner.gid };
}
