import { expect, it } from '@jest/globals';
import type { ExpectedRevision } from '../event-store.js';
import { newEvent, newEvents, newStream, type OpenStore } from './samples.js';

/** What becomes of event ids that the log knows already. */
export function repeating(store: OpenStore, isOurs: boolean): void {
  answering(store);
  refusing(store);
  if (isOurs) refusingElsewhere(store);
}

function answering(store: OpenStore): void {
  it.each<ExpectedRevision>(['NoStream', 'Any', 'Exists', 0, 77])(
    'answers a repeated append with the first result, though it expects %s',
    async (expected) => {
      const stream = newStream();
      const events = newEvents(2);
      const first = await store().append(stream, 'NoStream', events);
      await store().append(stream, 1, newEvents(3));
      await expect(store().append(stream, expected, events)).resolves.toEqual({ ...first, repeated: true });
      expect(await store().readStream(stream)).toHaveLength(5);
    },
  );

  it.each<ExpectedRevision>(['NoStream', 'Any'])('answers sixteen racing callers alike (%s)', async (expected) => {
    const stream = newStream();
    const events = newEvents(3);
    const results = await Promise.all(Array.from({ length: 16 }, () => store().append(stream, expected, events)));
    expect(results.filter((result) => !result.repeated)).toHaveLength(1);
    expect(new Set(results.map(({ revision, position, recordedAt }) => `${revision} ${position} ${recordedAt}`)).size).toBe(1);
    expect(await store().readStream(stream)).toHaveLength(3);
  });
}

function refusingElsewhere(store: OpenStore): void {
  it.each<ExpectedRevision>(['NoStream', 'Any'])('refuses an id that another stream holds (%s)', async (expected) => {
    const event = newEvent();
    await store().append(newStream(), 'NoStream', [event]);
    const stream = newStream();
    await expect(store().append(stream, expected, [event])).rejects.toMatchObject({ name: 'EventIdInUse', stream });
    await expect(store().append(stream, expected, [newEvent(), event])).rejects.toMatchObject({ name: 'EventIdInUse' });
    expect(await store().readStream(stream)).toEqual([]);
  });

  it('gives an id to one of several streams that race for it', async () => {
    const event = newEvent();
    const streams = Array.from({ length: 8 }, () => newStream());
    const outcomes = await Promise.allSettled(streams.map((stream) => store().append(stream, 'NoStream', [event])));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    const stored = await Promise.all(streams.map((stream) => store().readStream(stream)));
    expect(stored.flat()).toHaveLength(1);
  });
}

function refusing(store: OpenStore): void {
  it('refuses a known id in new company or another order', async () => {
    const stream = newStream();
    const [one, two, three] = [newEvent(), newEvent(), newEvent()];
    await store().append(stream, 'NoStream', [one, two, three]);
    for (const events of [[two, one], [one, three], [three, newEvent()], [newEvent(), one]]) {
      await expect(store().append(stream, 'Any', events)).rejects.toMatchObject({ name: 'EventIdInUse' });
    }
    expect(await store().readStream(stream)).toHaveLength(3);
  });

  it('refuses an id twice in one append', async () => {
    const event = newEvent();
    await expect(store().append(newStream(), 'Any', [event, event])).rejects.toMatchObject({ name: 'EventIdInUse' });
  });
}
