import { LocalError } from './errors.js';
import type { Postgres } from './postgres.js';

/** Where the services find their databases. The URLs hold passwords: not for logs. */
export interface DatabaseUrls {
  /** The log, for appending and reading. */
  readonly eventStore: string;
  /** The log, for reading. */
  readonly eventStoreReader: string;
  /** The keys, for services that write: may add keys, change and remove none. */
  readonly keyStore: string;
  /** The keys, for services that only open fields. */
  readonly keyStoreReader: string;
  readonly readModels: string;
}

/**
 * Makes the databases and roles that are missing, and the schemas of log and keys.
 *
 * What a service may not do is refused by the database: `log_app` may append and read, `log_reader` only read,
 * `keys_writer` may add keys, `keys_reader` may not. Read models are made and dropped by those who build them, so `read_models` owns its database.
 *
 * @param log - the cluster of log and keys
 * @param views - the cluster of the read models; may be the same
 * @throws LocalError where the log is of another format
 */
export async function prepareDatabases(log: Postgres, views: Postgres): Promise<DatabaseUrls> {
  for (const role of ['log_owner', 'log_app', 'log_reader', 'keys_owner', 'keys_writer', 'keys_reader']) await log.ensureRole(role);
  await log.ensureDatabase('log', { owner: 'log_owner', users: ['log_app', 'log_reader'] });
  await log.ensureDatabase('keys', { owner: 'keys_owner', users: ['keys_writer', 'keys_reader'] });
  await views.ensureRole('read_models');
  await views.ensureDatabase('read_models', { owner: 'read_models' });
  await makeSchemas(log);
  return {
    eventStore: log.url('log', 'log_app'),
    eventStoreReader: log.url('log', 'log_reader'),
    keyStore: log.url('keys', 'keys_writer'),
    keyStoreReader: log.url('keys', 'keys_reader'),
    readModels: views.url('read_models', 'read_models'),
  };
}

/** Log and sealing are loaded here, not above: their own specs start PostgreSQL through this package and must need neither for it. */
async function makeSchemas(log: Postgres): Promise<void> {
  const { UnreadableLog, migratePostgresLog } = await import('@annals/event-store');
  const { migrateKeyStore } = await import('@annals/sealing');
  try {
    await migratePostgresLog({ ownerUrl: log.url('log', 'log_owner'), appRole: 'log_app', readRole: 'log_reader' });
  } catch (error) {
    if (error instanceof UnreadableLog) throw new LocalError(`The log cannot be read: ${error.message}.`);
    throw error;
  }
  await migrateKeyStore({ ownerUrl: log.url('keys', 'keys_owner'), writerRole: 'keys_writer', readerRole: 'keys_reader' });
}

/** Whether nothing was ever appended to the log. */
export async function isLogEmpty({ eventStore }: DatabaseUrls): Promise<boolean> {
  const { openPostgresStore } = await import('@annals/event-store');
  const store = await openPostgresStore({ connectionString: eventStore });
  try {
    return (await store.head()).position === 0;
  } finally {
    await store.close();
  }
}
