import { expect, it } from '@jest/globals';
import type { ExpectedRevision } from '../event-store.js';
import { asGiven, asWritten, newEvent, newEvents, newStream, type OpenStore } from './samples.js';

/** What an append promises. */
export function appending(store: OpenStore, isOurs: boolean): void {
  accepting(store);
  refusing(store);
  inOneTick(store, isOurs);
  if (isOurs) recording(store);
}

function accepting(store: OpenStore): void {
  it('answers with the last revision and position, and says that it wrote', async () => {
    const stream = newStream();
    const first = await store().append(stream, 'NoStream', newEvents(3));
    const second = await store().append(stream, 2, newEvents(2));
    expect(first).toMatchObject({ revision: 2, repeated: false });
    expect(second).toMatchObject({ revision: 4, repeated: false });
    expect(second.position).toBeGreaterThan(first.position);
    const stored = await store().readStream(stream);
    expect(stored.map((event) => event.revision)).toEqual([0, 1, 2, 3, 4]);
    expect(stored.at(-1)).toMatchObject({ position: second.position, recordedAt: second.recordedAt, stream });
  });

  it.each<ExpectedRevision>(['NoStream', 'Any'])('begins a stream with %s', async (expected) => {
    await expect(store().append(newStream(), expected, newEvents(1))).resolves.toMatchObject({ revision: 0 });
  });

  it.each<ExpectedRevision>(['Exists', 'Any', 1])('goes on with %s', async (expected) => {
    const stream = newStream();
    await store().append(stream, 'NoStream', newEvents(2));
    await expect(store().append(stream, expected, newEvents(1))).resolves.toMatchObject({ revision: 2 });
  });

  it('keeps id, type, version and exact bytes, empty ones too', async () => {
    const stream = newStream();
    const events = [
      newEvent({ type: 'CustomerProfileChanged', version: 7 }),
      newEvent({ data: Buffer.alloc(0), metadata: Buffer.alloc(0) }),
      newEvent({ data: Buffer.from([0, 255, 0, 128, 92, 39]), metadata: Buffer.from('{"b":1,"a":2,"a":3}\u0000') }),
      newEvent({ data: Buffer.from(Array.from({ length: 9_000 }, (_, index) => (index * 7) % 256)) }),
    ];
    await store().append(stream, 'NoStream', events);
    expect((await store().readStream(stream)).map(asWritten)).toEqual(events.map(asGiven));
  });

  it('is not touched by a change to bytes that were given to it', async () => {
    const stream = newStream();
    const data = Buffer.from('as it was');
    await store().append(stream, 'NoStream', [newEvent({ data })]);
    data.fill(0);
    const [stored] = await store().readStream(stream);
    expect(Buffer.from(stored?.data ?? []).toString()).toBe('as it was');
  });

  it('says when it was recorded', async () => {
    const { recordedAt } = await store().append(newStream(), 'NoStream', newEvents(1));
    expect(Math.abs(recordedAt - Date.now())).toBeLessThan(60_000);
  });
}

function recording(store: OpenStore): void {
  it('sets a time that never falls', async () => {
    const times: number[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      times.push((await store().append(newStream(), 'NoStream', newEvents(1))).recordedAt);
    }
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
}

function refusing(store: OpenStore): void {
  it.each<[ExpectedRevision, number | 'NoStream', number]>([
    ['Exists', 'NoStream', 0],
    [0, 'NoStream', 0],
    [9, 'NoStream', 0],
    ['NoStream', 1, 2],
    [0, 1, 2],
    [2, 1, 2],
    [9, 1, 2],
  ])('refuses %s and says that the stream is at %s', async (expected, actual, count) => {
    const stream = newStream();
    if (count > 0) await store().append(stream, 'NoStream', newEvents(count));
    await expect(store().append(stream, expected, newEvents(2))).rejects.toMatchObject({
      name: 'WrongExpectedRevision',
      stream,
      expected,
      actual,
    });
    expect(await store().readStream(stream)).toHaveLength(count);
  });

  it('lets one of many racing appends through', async () => {
    const stream = newStream();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, () => store().append(stream, 'NoStream', newEvents(2))),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect(await store().readStream(stream)).toHaveLength(2);
  });
}

function inOneTick(store: OpenStore, isOurs: boolean): void {
  it('takes many appends to one stream at once', async () => {
    const stream = newStream();
    await store().append(stream, 'NoStream', newEvents(1));
    const counts = [1, 3, 2, 1, 5, 1, 1, 2];
    const results = await Promise.all(counts.map((count) => store().append(stream, 'Any', newEvents(count))));
    const total = counts.reduce((sum, count) => sum + count, 1);
    const stored = await store().readStream(stream);
    expect(stored.map((event) => event.revision)).toEqual(Array.from({ length: total }, (_, index) => index));
    expect(new Set(results.map((result) => result.revision)).size).toBe(counts.length);
  });

  it('harms no append by another that is refused beside it', async () => {
    const [stream, other, taken] = [newStream(), newStream(), newEvent()];
    await store().append(other, 'NoStream', [newEvent(), taken]);
    const outcomes = await Promise.allSettled([
      store().append(stream, 'NoStream', newEvents(2)),
      store().append(newStream(), 5, newEvents(1)),
      store().append(isOurs ? newStream() : other, 'NoStream', [newEvent(), taken]),
      store().append(newStream(), 'NoStream', [newEvent({ data: Buffer.alloc(512 * 1024 + 1) })]),
      store().append(newStream(), 'NoStream', [newEvent({ id: 'not a uuid' })]),
      store().append(newStream(), 'NoStream', [newEvent({ type: 'Nul\u0000Type' })]),
      store().append(newStream(), 'Any', newEvents(1)),
    ]);
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'written' : outcome.reason.name))).toEqual([
      'written',
      'WrongExpectedRevision',
      'EventIdInUse',
      'AppendTooLarge',
      'RangeError',
      'RangeError',
      'written',
    ]);
    expect(await store().readStream(stream)).toHaveLength(2);
  });
}
