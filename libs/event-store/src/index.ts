export * from './event-store.js';
export * from './errors.js';
export { MAX_APPEND_BYTES, MAX_APPEND_EVENTS, MAX_DATA_BYTES, MAX_METADATA_BYTES, MAX_STREAM_EVENTS } from './limits.js';
export { openMemoryStore, type MemoryStoreOptions } from './memory.js';
export { migratePostgresLog, type PostgresLogOptions } from './postgres/migrate.js';
export { restorePostgresLog, RestoreRefused, type LogRestore } from './postgres/restore.js';
export { openPostgresStore } from './postgres/store.js';
export type { PostgresStoreOptions } from './postgres/connection.js';
export { subscribe, type Batch, type Subscription, type SubscriptionOptions } from './subscription.js';
