import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore } from '../event-store.js';
import { appending } from './appending.js';
import { limits } from './limits.js';
import { model } from './model.js';
import { reading } from './reading.js';
import { repeating } from './repeating.js';
import { subscribing } from './subscribing.js';
import { waking } from './waking.js';

/** What is asked of an event store. */
export interface ContractOptions {
  /** Opens a new log that nothing else writes to. */
  readonly open: () => Promise<EventStore>;
  /**
   * Whether the store is one of our own, that sees all of its log in one transaction: it refuses an id that another stream
   * holds, its recordedAt never falls, it decides the appends of one tick in the order of the calls over all streams, and it
   * counts positions without a gap. EventStoreDB does none of these.
   */
  readonly isOurs: boolean;
}

/**
 * The tests that every event store passes.
 *
 * @param name - of the adapter
 */
export function eventStoreContract(name: string, { open, isOurs }: ContractOptions): void {
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
      const page = { events: [], next: 0, from: start, place: start, more: false };
      expect(await store().readAll({ after: 0 })).toEqual(page);
      expect(await store().readAll({ after: 0, categories: ['customer'] })).toEqual(page);
      await expect(store().verifyPlace(start)).resolves.toBeUndefined();
    });
    describe('appending', () => appending(store, isOurs));
    describe('repeated ids', () => repeating(store, isOurs));
    describe('reading', () => reading(store, isOurs));
    describe('limits', () => limits(store));
    describe('subscriptions', () => subscribing(store));
    describe('waking', () => waking(store));
    describe('random histories', () => model(store, isOurs));
  });
}
