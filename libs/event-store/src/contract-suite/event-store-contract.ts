import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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
 * @param open - opens a new log that nothing else writes to
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
    it('begins empty', async () => {
      const start = { logId: store().logId, position: 0, eventId: null };
      expect(await store().head()).toEqual(start);
      expect(await store().readAll({ after: 0 })).toEqual({ events: [], next: 0, from: start, place: start });
      expect(await store().readAll({ after: 0, categories: ['customer'] })).toEqual({ events: [], next: 0, from: start, place: start });
      await expect(store().verifyPlace(start)).resolves.toBeUndefined();
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
