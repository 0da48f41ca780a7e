import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

/**
 * Emmett's PostgreSQL event store.
 *
 * @param {string} url - of a database of its own
 */
export async function open(url) {
  const store = getPostgreSQLEventStore(url);
  return {
    async append({ uuid, revision, events }) {
      const expectedStreamVersion = revision === -1 ? 'STREAM_DOES_NOT_EXIST' : BigInt(revision + 1);
      await store.appendToStream(
        `bench-${uuid}`,
        events.map((event) => ({ type: event.type, data: event.payload, metadata: event.metadata })),
        { expectedStreamVersion },
      );
    },
    close: () => store.close(),
  };
}
