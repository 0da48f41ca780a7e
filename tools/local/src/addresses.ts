import { readPasswords, readPidFile, superuser } from './cluster.js';
import { LocalError } from './errors.js';
import { isAlive } from './processes.js';

/** How to connect to one of our PostgreSQLs. */
export interface Addresses {
  readonly port: number;
  /** A connection URL; `role` is the superuser by default and must have been made by `ensureRole`. Holds a password: not for logs. */
  url(database: string, role?: string): string;
}

/** Of the PostgreSQL that runs on a data directory, whoever started it; undefined where none is ready for connections. */
export async function runningPostgres(directory: string): Promise<Addresses | undefined> {
  const file = readPidFile({ directory });
  if (file === undefined || !file.ready || !isAlive(file.pid)) return undefined;
  return addressed(directory, file.port, await readPasswords(directory));
}

/** @param passwords - by role; those of roles that are made later may be added to it */
export function addressed(directory: string, port: number, passwords: Readonly<Record<string, string>>): Addresses {
  return {
    port,
    url: (database, role = superuser) => {
      const password = passwords[role];
      if (password === undefined) throw new LocalError(`There is no role ${role} in ${directory}.`);
      return `postgres://${role}:${password}@127.0.0.1:${port}/${database}`;
    },
  };
}
