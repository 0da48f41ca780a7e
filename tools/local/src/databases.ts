import type { Postgres } from './postgres.js';

/** Where the services find their three databases. The URLs hold passwords: not for logs. */
export interface DatabaseUrls {
  readonly eventStore: string;
  readonly keyStore: string;
  readonly readModels: string;
}

/**
 * Makes the databases and roles that are missing, and the schemas of log and keys.
 *
 * Services may append to the log and read it, as `log_app`, and use keys, as `keys_app`; what they may not do is
 * refused by the database. Read models are made and dropped by those who build them, so `read_models` owns its database.
 *
 * @param log - the cluster of log and keys
 * @param views - the cluster of the read models; may be the same
 */
export async function prepareDatabases(log: Postgres, views: Postgres): Promise<DatabaseUrls> {
  for (const role of ['log_owner', 'log_app', 'keys_owner', 'keys_app']) await log.ensureRole(role);
  await log.ensureDatabase('log', { owner: 'log_owner', users: ['log_app'] });
  await log.ensureDatabase('keys', { owner: 'keys_owner', users: ['keys_app'] });
  await views.ensureRole('read_models');
  await views.ensureDatabase('read_models', { owner: 'read_models' });
  // Loaded here, not above: the log's own specs start PostgreSQL through this package, and must not need a log for it.
  const { migratePostgresLog } = await import('@annals/event-store');
  await migratePostgresLog({ ownerUrl: log.url('log', 'log_owner'), appRole: 'log_app' });
  return { eventStore: log.url('log', 'log_app'), keyStore: log.url('keys', 'keys_app'), readModels: views.url('read_models', 'read_models') };
}
