import type { StoredEvent } from '@annals/event-store';
import { describe, expect, it } from '@jest/globals';
import { type Acknowledged, Checker } from './checker.js';
import { step } from './workload.js';

/** A small log as it should be: twelve appends of one writer, and what the writer was told. */
function soundLog(): { events: StoredEvent[]; told: Acknowledged[] } {
  const events: StoredEvent[] = [];
  const told: Acknowledged[] = [];
  const revisions = new Map<string, number>();
  for (let sequence = 0; sequence < 12; sequence += 1) {
    const { stream, events: appended } = step(0, sequence, -1);
    for (const event of appended) {
      const revision = (revisions.get(stream) ?? -1) + 1;
      revisions.set(stream, revision);
      events.push({ ...event, stream, revision, position: events.length + 1, recordedAt: 1_000 + sequence });
    }
    told.push({ writer: 0, sequence, position: events.length });
  }
  return { events, told };
}

function problems(events: readonly (StoredEvent | undefined)[], told: readonly Acknowledged[], unknown = 0): string[] {
  const checker = new Checker('reader');
  for (const event of events) if (event) checker.see(event);
  return checker.problems(told, unknown);
}

describe('the checker', () => {
  const { events, told } = soundLog();

  it('finds nothing wrong with a sound log', () => {
    expect(problems(events, told)).toEqual([]);
  });

  it.each<[string, (StoredEvent | undefined)[]]>([
    ['a missed event', events.toSpliced(5, 1)],
    ['a missed last event', events.slice(0, -1)],
    ['a doubled event', events.toSpliced(5, 0, ...events.slice(5, 6))],
    ['two events in the wrong order', events.toSpliced(5, 2, ...events.slice(5, 7).reverse())],
    ['an event with the bytes of another', events.with(3, { ...events[3], data: events[4]?.data } as StoredEvent)],
    ['a time that falls', events.with(3, { ...events[3], recordedAt: 0 } as StoredEvent)],
    ['a gap in a stream', events.with(0, { ...events[0], revision: 1 } as StoredEvent)],
  ])('finds %s', (_, seen) => {
    expect(problems(seen, told)).not.toEqual([]);
  });

  it('finds an append that is not where its writer was told', () => {
    const moved = told.with(4, { writer: 0, sequence: 4, position: (told[4]?.position ?? 0) + 1 });
    expect(problems(events, moved)).not.toEqual([]);
  });

  it('finds events that nobody was told of, unless an append was given up', () => {
    expect(problems(events, told.slice(0, -1))).not.toEqual([]);
    expect(problems(events, told.slice(0, -1), 1)).toEqual([]);
  });
});
