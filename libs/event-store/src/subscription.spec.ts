import { eventually } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import { newEvents, newStream } from './contract-suite/samples.js';
import { StoreUnavailable } from './errors.js';
import type { EventStore } from './event-store.js';
import { openMemoryStore } from './memory.js';
import { type Batch, subscribe } from './subscription.js';

/** A log whose reads can be made to fail, or that a backup of it can replace. */
function replaceable(): { store: EventStore; replaceBy(other: EventStore | Error): void } {
  let current: EventStore | Error = openMemoryStore({ logId: 'the-log' });
  const now = (): EventStore => {
    if (current instanceof Error) throw current;
    return current;
  };
  const store: EventStore = {
    logId: 'the-log',
    append: async (...args) => now().append(...args),
    readStream: async (...args) => now().readStream(...args),
    readAll: async (options) => now().readAll(options),
    head: async () => now().head(),
    verifyPlace: async (place) => now().verifyPlace(place),
    onAppended: () => () => undefined,
    close: async () => undefined,
  };
  return { store, replaceBy: (other) => (current = other) };
}

describe('a subscription', () => {
  it('goes on by itself once the store can be read again', async () => {
    const { store, replaceBy } = replaceable();
    const log = openMemoryStore({ logId: 'the-log' });
    replaceBy(new StoreUnavailable('away'));
    const troubles: Error[] = [];
    const seen: number[] = [];
    const handle = async ({ events }: Batch): Promise<void> => void seen.push(...events.map(({ position }) => position));
    const from = { logId: 'the-log', position: 0, eventId: null };
    const subscription = subscribe({ store, from, handle, pollMs: 5, onTrouble: (error) => troubles.push(error) });
    await eventually(() => expect(troubles.length).toBeGreaterThan(1));
    replaceBy(log);
    await store.append(newStream(), 'NoStream', newEvents(3));
    await eventually(() => expect(seen).toEqual([1, 2, 3]));
    await subscription.stop();
  });

  it.each([2, 3, 5])('ends when a log that goes on from a backup, and is at %i, takes the place of one at 3', async (count) => {
    const { store, replaceBy } = replaceable();
    await store.append(newStream(), 'NoStream', newEvents(3));
    const from = await store.head();
    const subscription = subscribe({ store, from, handle: async () => undefined, pollMs: 5 });
    const backup = openMemoryStore({ logId: 'the-log' });
    await backup.append(newStream(), 'NoStream', newEvents(count));
    replaceBy(backup);
    await expect(subscription.done).rejects.toMatchObject({ name: 'ForeignPlace' });
  });

  it('ends with an error that is not the store being away', async () => {
    const { store, replaceBy } = replaceable();
    replaceBy(new Error('broken'));
    const from = { logId: 'the-log', position: 0, eventId: null };
    await expect(subscribe({ store, from, handle: async () => undefined }).done).rejects.toThrow('broken');
  });
});
