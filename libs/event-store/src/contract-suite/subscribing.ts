import { randomUUID } from 'node:crypto';
import { eventually } from '@annals/testing';
import { afterEach, expect, it } from '@jest/globals';
import type { Place, StoredEvent } from '../event-store.js';
import { type Batch, subscribe, type Subscription, type SubscriptionOptions } from '../subscription.js';
import { newEvent, newEvents, newStream, type OpenStore, readOn } from './samples.js';

let running: Subscription[] = [];
afterEach(async () => {
  await Promise.all(running.map((subscription) => subscription.stop()));
  running = [];
});

/** Starts a subscription that ends with the test. */
function start(options: SubscriptionOptions): Subscription {
  const subscription = subscribe(options);
  running.push(subscription);
  return subscription;
}

/** What a subscription delivers, and when it ends. */
export function subscribing(store: OpenStore): void {
  delivering(store);
  places(store);
  ending(store);
}

function delivering(store: OpenStore): void {
  it('delivers what is there, then what comes, in order, each event once', async () => {
    const from = await store().head();
    await store().append(newStream(), 'NoStream', newEvents(25));
    const seen: StoredEvent[] = [];
    const handle = async ({ events }: Batch): Promise<void> => void seen.push(...events);
    start({ store: store(), from, handle, batchSize: 10, pollMs: 60_000 });
    const streams = Array.from({ length: 5 }, () => newStream());
    for (let turn = 0; turn < 10; turn += 1) {
      await Promise.all(streams.map((stream) => store().append(stream, 'Any', newEvents(2))));
    }
    await eventually(() => expect(seen).toHaveLength(125));
    expect(seen).toEqual(await readOn(store(), from.position));
  });

  it('handles one batch at a time, none larger than asked', async () => {
    const from = await store().head();
    await store().append(newStream(), 'NoStream', newEvents(40));
    let inHand = 0;
    let most = 0;
    const sizes: number[] = [];
    const handle = async ({ events }: Batch): Promise<void> => {
      inHand += 1;
      most = Math.max(most, inHand);
      sizes.push(events.length);
      await store().readAll({ after: 0, limit: 50 });
      inHand -= 1;
    };
    start({ store: store(), from, handle, batchSize: 7 });
    await eventually(() => expect(sizes).toEqual([7, 7, 7, 7, 7, 5]));
    expect(most).toBe(1);
  });

  it('polls beneath the wake-ups', async () => {
    const from = await store().head();
    const seen: string[] = [];
    const deaf = { ...bound(store()), onAppended: () => () => undefined };
    start({ store: deaf, from, handle: async ({ events }) => void seen.push(...events.map(({ id }) => id)), pollMs: 10 });
    const event = newEvent();
    await store().append(newStream(), 'NoStream', [event]);
    await eventually(() => expect(seen).toEqual([event.id]));
  });
}

/** The store's methods without the store, to replace one of them. */
function bound(store: ReturnType<OpenStore>): ReturnType<OpenStore> {
  return {
    logId: store.logId,
    append: (...args) => store.append(...args),
    readStream: (...args) => store.readStream(...args),
    readAll: (...args) => store.readAll(...args),
    head: () => store.head(),
    verifyPlace: (place) => store.verifyPlace(place),
    onAppended: (wake) => store.onAppended(wake),
    close: () => store.close(),
  };
}

function places(store: OpenStore): void {
  it('goes on from the place of the last batch that was handled', async () => {
    const from = await store().head();
    const events = newEvents(30);
    await store().append(newStream(), 'NoStream', events);
    const seen: string[] = [];
    let place: Place = from;
    let batches = 0;
    for (let turn = 0; turn < 4; turn += 1) {
      const handle = async (batch: Batch): Promise<void> => {
        batches += 1;
        if (batches % 3 === 0) throw new Error('not this time');
        seen.push(...batch.events.map(({ id }) => id));
        place = batch.place;
      };
      const subscription = start({ store: store(), from: place, handle, batchSize: 4, pollMs: 5 });
      if (turn < 3) await expect(subscription.done).rejects.toThrow('not this time');
      expect(subscription.place).toEqual(place);
    }
    await eventually(() => expect(seen).toEqual(events.map(({ id }) => id)));
  });

  it('moves over events of other categories, and says so now and then', async () => {
    const from = await store().head();
    await store().append(newStream('transaction'), 'NoStream', newEvents(50));
    const batches: Batch[] = [];
    const handle = async (batch: Batch): Promise<void> => void batches.push(batch);
    start({ store: store(), from, handle, categories: ['customer'], batchSize: 5, emptyEveryMs: 0, pollMs: 5 });
    const head = await store().head();
    await eventually(() => expect(batches.at(-1)?.place).toEqual(head));
    expect(batches.every(({ events }) => events.length === 0)).toBe(true);
    const seldom = start({ store: store(), from, handle: () => Promise.reject(new Error('too soon')), categories: ['customer'], pollMs: 5, emptyEveryMs: 60_000 });
    await store().append(newStream('customer'), 'NoStream', newEvents(1));
    await expect(seldom.done).rejects.toThrow('too soon');
  });
}

function ending(store: OpenStore): void {
  it('ends with what the handler threw', async () => {
    const from = await store().head();
    await store().append(newStream(), 'NoStream', newEvents(1));
    const subscription = start({ store: store(), from, handle: () => Promise.reject(new Error('cannot')) });
    await expect(subscription.done).rejects.toThrow('cannot');
    expect(subscription.place).toEqual(from);
  });

  it('ends at a place that is not in this log', async () => {
    const head = await store().head();
    for (const from of [{ ...head, logId: randomUUID() }, { ...head, position: head.position + 9 }]) {
      const subscription = start({ store: store(), from, handle: async () => undefined });
      await expect(subscription.done).rejects.toMatchObject({ name: 'ForeignPlace', place: from });
    }
  });

  it('is stopped when the batch in hand is handled, and then delivers nothing', async () => {
    const from = await store().head();
    await store().append(newStream(), 'NoStream', newEvents(10));
    const { place } = await store().readAll({ after: from.position, limit: 3 });
    const steps: string[] = [];
    let begun: () => void = () => undefined;
    const inHand = new Promise<void>((resolve) => (begun = resolve));
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const handle = async (): Promise<void> => {
      begun();
      await held;
      steps.push('handled');
    };
    const subscription = start({ store: store(), from, handle, batchSize: 3 });
    await inHand;
    const stopping = subscription.stop().then(() => steps.push('stopped'));
    letGo();
    await stopping;
    await store().append(newStream(), 'NoStream', newEvents(1));
    await expect(subscription.done).resolves.toBeUndefined();
    expect(steps).toEqual(['handled', 'stopped']);
    expect(subscription.place).toEqual(place);
  });
}
