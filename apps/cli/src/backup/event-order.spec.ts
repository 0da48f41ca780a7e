import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { EventOrder } from './event-order.js';

const streams = ['note-6f9619ff-8b86-4011-b42d-00c04fc964ff', 'note-6f9619ff-8b86-4011-b42d-00c04fc96400', 'thing-nothing'];

/** The events of a log whose appends went to these streams. */
function logOf(appends: readonly string[]) {
  const revisions = new Map<string, number>();
  return appends.map((stream, index) => {
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    return { position: index + 1, stream, revision, id: `id-${index}`, recordedAt: 1_000 + Math.floor(index / 3) };
  });
}

const faultsOf = (events: ReturnType<typeof logOf>): string[] => {
  const order = new EventOrder();
  return events.map((event) => order.next(event)).filter((fault) => fault !== undefined);
};

const logs = fc.array(fc.constantFrom(...streams), { minLength: 3, maxLength: 60 }).map(logOf);

describe('the order of events', () => {
  it('is that of every log', () => {
    fc.assert(fc.property(logs, (events) => expect(faultsOf(events)).toEqual([])));
  });

  it('is not that of a log that lacks an event, or holds two the other way round', () => {
    fc.assert(
      fc.property(logs, fc.nat(), (events, at) => {
        const [before, after] = [events.slice(0, at % (events.length - 1)), events.slice(at % (events.length - 1))];
        expect(faultsOf([...before, ...after.slice(1)])).not.toEqual([]);
        expect(faultsOf([...before, ...after.slice(0, 2).reverse(), ...after.slice(2)])).not.toEqual([]);
      }),
    );
  });

  it('tells what is wrong with the next event', () => {
    const [first, second, third] = logOf([streams[0] ?? '', streams[0] ?? '', streams[1] ?? '']);
    if (first === undefined || second === undefined || third === undefined) throw new Error('there are three');
    const order = new EventOrder();
    expect(order.next(first)).toBeUndefined();
    expect(order.next(third)).toBe('has position 3 after 1');
    expect(order.next({ ...second, recordedAt: 999 })).toBe('was recorded before the event at position 1');
    expect(order.next({ ...second, revision: 2 })).toBe('has revision 2 where its stream is at 1');
    expect(order.next({ ...second, stream: streams[1] ?? '' })).toBe('has revision 1 where its stream is at 0');
    expect(order.next(second)).toBeUndefined();
    expect(order.last).toEqual({ position: 2, id: 'id-1', recordedAt: 1_000 });
  });
});
