import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { newEvent, newEvents, newStream, type OpenStore } from './samples.js';

/** For what takes many calls, on a machine that has other things to do. */
const LONG_MS = 180_000;

/** What every store refuses, and what just fits. */
export function limits(store: OpenStore): void {
  ofBytes(store);
  ofAStream(store);
  ofNames(store);
}

function ofBytes(store: OpenStore): void {
  it('takes an event of 512 KiB and metadata of 64 KiB, and not a byte more', async () => {
    const data = Buffer.alloc(512 * 1024, 'x');
    const metadata = Buffer.alloc(64 * 1024, 'y');
    const stream = newStream();
    await store().append(stream, 'NoStream', [newEvent({ data, metadata })]);
    const [stored] = await store().readStream(stream);
    expect(Buffer.compare(stored?.data ?? Buffer.alloc(0), data)).toBe(0);
    for (const event of [newEvent({ data: Buffer.alloc(data.length + 1) }), newEvent({ metadata: Buffer.alloc(metadata.length + 1) })]) {
      await expect(store().append(stream, 0, [event])).rejects.toMatchObject({ name: 'AppendTooLarge' });
    }
  });

  it('takes 1,000 events or 4 MiB in one append, and no more', async () => {
    await expect(store().append(newStream(), 'NoStream', newEvents(1_000))).resolves.toMatchObject({ revision: 999 });
    await expect(store().append(newStream(), 'NoStream', newEvents(1_001))).rejects.toMatchObject({ name: 'AppendTooLarge' });
    const large = Array.from({ length: 9 }, () => newEvent({ data: Buffer.alloc(480 * 1024) }));
    await expect(store().append(newStream(), 'NoStream', large)).rejects.toMatchObject({ name: 'AppendTooLarge' });
  });
}

function ofAStream(store: OpenStore): void {
  it('holds 10,000 events in a stream, and refuses an append that does not wholly fit', async () => {
    const stream = newStream();
    const events = newEvents(9_999);
    for (let from = 0; from < events.length; from += 1_000) {
      await store().append(stream, 'Any', events.slice(from, from + 1_000));
    }
    await expect(store().append(stream, 'Any', newEvents(2))).rejects.toMatchObject({ name: 'StreamFull', stream });
    await expect(store().append(stream, 9_998, newEvents(1))).resolves.toMatchObject({ revision: 9_999 });
    await expect(store().append(stream, 9_999, newEvents(1))).rejects.toMatchObject({ name: 'StreamFull', stream });
    await expect(store().append(stream, 3, newEvents(1))).rejects.toMatchObject({ name: 'WrongExpectedRevision', actual: 9_999 });
    await expect(store().append(stream, 'Any', events.slice(0, 2))).resolves.toMatchObject({ revision: 1, repeated: true });
    expect(await store().readStream(stream, { limit: 10_000 })).toHaveLength(10_000);
  }, LONG_MS);
}

function ofNames(store: OpenStore): void {
  it('refuses names, ids, versions and revisions that no store could keep', async () => {
    const stream = newStream();
    for (const name of ['', 'customer', randomUUID(), `Customer-${randomUUID()}`, `two-words-${randomUUID()}`, stream.toUpperCase()]) {
      await expect(store().append(name, 'Any', newEvents(1))).rejects.toBeInstanceOf(RangeError);
      await expect(store().readStream(name)).rejects.toBeInstanceOf(RangeError);
    }
    const bad = [{ id: randomUUID().toUpperCase() }, { type: '' }, { type: 'é' }, { version: 0 }, { version: 1.5 }, { version: 40_000 }];
    for (const change of bad) {
      await expect(store().append(stream, 'Any', [newEvent(change)])).rejects.toBeInstanceOf(RangeError);
    }
    for (const expected of [-1, 0.5, Number.NaN]) {
      await expect(store().append(stream, expected, newEvents(1))).rejects.toBeInstanceOf(RangeError);
    }
    await expect(store().append(stream, 'Any', [])).rejects.toBeInstanceOf(RangeError);
    expect(await store().readStream(stream)).toEqual([]);
  });

  it('refuses pages without a bound', async () => {
    for (const limit of [0, -1, 10_001, 1.5, Number.NaN]) {
      await expect(store().readStream(newStream(), { limit })).rejects.toBeInstanceOf(RangeError);
      await expect(store().readAll({ after: 0, limit })).rejects.toBeInstanceOf(RangeError);
    }
    await expect(store().readAll({ after: -1 })).rejects.toBeInstanceOf(RangeError);
    await expect(store().readStream(newStream(), { from: -1 })).rejects.toBeInstanceOf(RangeError);
  });
}
