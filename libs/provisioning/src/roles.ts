import pg from 'pg';

import type { Login } from './login.js';

/** Of every client of a role that uses a database, psql included. */
const LIMITS = [
  ['statement_timeout', '30s'],
  ['lock_timeout', '10s'],
  ['idle_in_transaction_session_timeout', '30s'],
] as const;

/** Runs something on a connection of its own, which is closed afterwards. */
export async function administer<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'annals provisioning' });
  // A connection lost between two statements is reported by the next statement.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

/**
 * Makes a role that may log in with this password, and nothing else; one that exists gets the password.
 *
 * @param client - connected as a superuser, or as a role that may make roles
 */
export async function ensureRole(client: pg.ClientBase, { role, password }: Pick<Login, 'role' | 'password'>): Promise<void> {
  const name = pg.escapeIdentifier(role);
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  // A role's definition takes no parameters, so its password is quoted.
  await client.query(`${rowCount === 0 ? 'create' : 'alter'} role ${name} login password ${pg.escapeLiteral(password)}`);
  const { rows } = await client.query<{ rolsuper: boolean }>('select rolsuper from pg_roles where rolname = current_user');
  // Only a superuser may make a database for a role that it is no member of.
  if (rowCount === 0 && rows[0]?.rolsuper === false) await client.query(`grant ${name} to current_user`);
}

/**
 * Makes a database unless it exists; besides its owner only `users` may connect to it, and what they ask for ends by itself.
 *
 * @param client - connected as a superuser, or as the role that made these roles and may make databases
 */
export async function ensureDatabase(client: pg.ClientBase, database: string, { owner, users = [] }: { readonly owner: string; readonly users?: readonly string[] }): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
  const name = pg.escapeIdentifier(database);
  if (rowCount === 0) await client.query(`create database ${name} owner ${pg.escapeIdentifier(owner)}`);
  await client.query(`revoke connect, temporary on database ${name} from public`);
  for (const user of users) {
    await client.query(`grant connect on database ${name} to ${pg.escapeIdentifier(user)}`);
    for (const [setting, seconds] of LIMITS) {
      const limit = `set ${pg.escapeIdentifier(setting)} to ${pg.escapeLiteral(seconds)}`;
      await client.query(`alter role ${pg.escapeIdentifier(user)} in database ${name} ${limit}`);
    }
  }
}
