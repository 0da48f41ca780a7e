import { GroupedEvent } from '@castore/core';
import { PostgresEventStorageAdapter } from '@castore/event-storage-adapter-postgres';

const eventStoreId = 'bench';

/**
 * Castore's PostgreSQL adapter: one statement an event, a group for several.
 *
 * @param {string} url - of a database of its own
 */
export async function open(url) {
  await PostgresEventStorageAdapter.createEventTable({ connectionString: url });
  const adapter = new PostgresEventStorageAdapter({ connectionString: url });
  return {
    async append({ uuid, revision, events }) {
      // Castore counts versions from 1; `revision` is the last one, -1 for a new stream.
      const details = events.map((event, index) => ({
        aggregateId: uuid,
        version: revision + 2 + index,
        type: event.type,
        payload: event.payload,
        metadata: event.metadata,
      }));
      if (details.length === 1) return void (await adapter.pushEvent(details[0], { eventStoreId }));
      const timestamp = new Date().toISOString();
      const group = details.map(
        (event) =>
          new GroupedEvent({ event: { ...event, timestamp }, context: { eventStoreId }, eventStorageAdapter: adapter }),
      );
      await adapter.pushEventGroup({}, ...group);
    },
    async close() {
      // The adapter keeps its connections to itself and offers no way to end them: they go with the process.
    },
  };
}
