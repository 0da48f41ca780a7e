import { afterAll, beforeAll, describe } from '@jest/globals';
import type { EventStore } from '../event-store.js';
import { appending } from './appending.js';
import { limits } from './limits.js';
import { model } from './model.js';
import { reading } from './reading.js';
import { repeating } from './repeating.js';
import { subscribing } from './subscribing.js';
import { waking } from './waking.js';

/**
 * The tests that every event store passes.
 *
 * @param name - of the adapter
 * @param open - opens a log that nothing else writes to while the tests run; it need not be empty
 */
export function eventStoreContract(name: string, open: () => Promise<EventStore>): void {
  describe(`${name} keeps the contract of an event store`, () => {
    let opened: EventStore | undefined;
    const store = (): EventStore => {
      if (!opened) throw new Error('the store is not open');
      return opened;
    };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened?.close();
    });
    describe('appending', () => appending(store));
    describe('repeated ids', () => repeating(store));
    describe('reading', () => reading(store));
    describe('limits', () => limits(store));
    describe('subscriptions', () => subscribing(store));
    describe('waking', () => waking(store));
    describe('random histories', () => model(store));
  });
}
