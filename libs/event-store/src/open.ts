import { openEventStoreDb } from './esdb/store.js';
import type { EventStore } from './event-store.js';
import type { PostgresStoreOptions } from './postgres/connection.js';
import { openPostgresStore } from './postgres/store.js';

const EVENT_STORE_DB = /^esdb(\+discover)?:\/\//;

/** Whether a URL names an EventStoreDB, and not a PostgreSQL. */
export const isEventStoreDb = (url: string): boolean => EVENT_STORE_DB.test(url);

/**
 * Opens the log that a URL names: in an EventStoreDB where it begins with `esdb://` or `esdb+discover://`, else in a PostgreSQL.
 *
 * @param options - those that only PostgreSQL knows are passed over for the other
 * @throws what `openEventStoreDb` and `openPostgresStore` throw
 */
export function openEventStore(options: PostgresStoreOptions): Promise<EventStore> {
  const { connectionString } = options;
  return isEventStoreDb(connectionString) ? openEventStoreDb({ connectionString }) : openPostgresStore(options);
}
