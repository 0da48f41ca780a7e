import { EventStoreDbDouble, itWhere } from '@annals/testing';
import { afterAll } from '@jest/globals';
import { eventStoreContract } from '../contract-suite/event-store-contract.js';
import { isEventStoreDb } from '../open.js';
import { openEventStoreDb } from './store.js';

let double: EventStoreDbDouble | undefined;
afterAll(() => double?.stop());

eventStoreContract("EventStoreDB's protocol", {
  isOurs: false,
  open: async () => {
    double = await EventStoreDbDouble.start({ maxAppendSize: 6 * 1024 * 1024 });
    return openEventStoreDb({ connectionString: double.url });
  },
});

const given = process.env['EVENT_STORE_URL'] ?? '';
if (isEventStoreDb(given)) {
  eventStoreContract('EventStoreDB itself', { isOurs: false, open: () => openEventStoreDb({ connectionString: given }) });
} else {
  itWhere(false, 'an empty EventStoreDB: EVENT_STORE_URL=esdb://...')('EventStoreDB itself keeps the contract of an event store', () => undefined);
}
