import { prepareKeys, prepareLog, prepareReadModels, type OwnedConnections } from '@annals/provisioning';
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
  const connection = async (postgres: Postgres, database: string, role: string): Promise<string> => {
    await postgres.ensureRole(role);
    return postgres.url(database, role);
  };
  const eventStore = await connection(log, 'log', 'log_app');
  const eventStoreReader = await connection(log, 'log', 'log_reader');
  const keyStore = await connection(log, 'keys', 'keys_writer');
  const keyStoreReader = await connection(log, 'keys', 'keys_reader');
  const readModels = await connection(views, 'read_models', 'read_models');
  await makeLog(log.url('postgres'), { owner: await connection(log, 'log', 'log_owner'), writer: eventStore, reader: eventStoreReader });
  await prepareKeys(log.url('postgres'), { owner: await connection(log, 'keys', 'keys_owner'), writer: keyStore, reader: keyStoreReader });
  await prepareReadModels(views.url('postgres'), readModels);
  return { eventStore, eventStoreReader, keyStore, keyStoreReader, readModels };
}

async function makeLog(adminUrl: string, connections: OwnedConnections): Promise<void> {
  try {
    await prepareLog(adminUrl, connections);
  } catch (error) {
    if (error instanceof Error && error.name === 'UnreadableLog') throw new LocalError(`The log cannot be read: ${error.message}.`);
    throw error;
  }
}

/** Whether nothing was ever appended to the log. */
export async function isLogEmpty({ eventStore }: DatabaseUrls): Promise<boolean> {
  // Loaded here, not above: the log's own specs start PostgreSQL through this package and must not need the log for it.
  const { openPostgresStore } = await import('@annals/event-store');
  const store = await openPostgresStore({ connectionString: eventStore });
  try {
    return (await store.head()).position === 0;
  } finally {
    await store.close();
  }
}
