import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ExpectedRevision, NewEvent } from '../event-store.js';
import { asGiven, asWritten, newEvent, newStream, type OpenStore, readOn } from './samples.js';

/** One append of a random history. `from` repeats an earlier append's events, wholly or in part. */
interface Step {
  readonly stream: number;
  readonly expected: ExpectedRevision;
  readonly fresh: number;
  readonly repeat: number | null;
  readonly tick: number;
}

/** For many calls, on a machine that has other things to do. */
const LONG_MS = 180_000;

const steps = fc.array(
  fc.record({
    stream: fc.nat({ max: 3 }),
    expected: fc.oneof(fc.constantFrom<ExpectedRevision>('Any', 'NoStream', 'Exists'), fc.nat({ max: 6 })),
    fresh: fc.nat({ max: 3 }),
    repeat: fc.option(fc.nat({ max: 40 }), { freq: 4 }),
    tick: fc.nat({ max: 2 }),
  }),
  { minLength: 1, maxLength: 40 },
);

/** The simplest thing that could be right: every event written so far in one array, searched from the start. */
class NaiveLog {
  readonly events: { readonly stream: string; readonly event: NewEvent }[] = [];

  /** @param isOurs - whether an id that another stream holds is refused */
  constructor(private readonly isOurs: boolean) {}

  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): string {
    const own = this.events.filter((entry) => entry.stream === stream).map(({ event }) => event.id);
    const ids = this.isOurs ? this.events.map(({ event }) => event.id) : own;
    if (events.some(({ id }) => ids.includes(id))) return again(own, events);
    const last = own.length - 1;
    const accepted = { Any: true, NoStream: last < 0, Exists: last >= 0 };
    if (typeof expected === 'number' ? expected !== last : !accepted[expected]) {
      return `WrongExpectedRevision ${last < 0 ? 'NoStream' : last}`;
    }
    this.events.push(...events.map((event) => ({ stream, event })));
    return `written ${last + events.length}`;
  }
}

function again(own: readonly string[], events: readonly NewEvent[]): string {
  const first = own.indexOf(events[0]?.id ?? '');
  const same = first >= 0 && events.every(({ id }, index) => own[first + index] === id);
  return same ? `repeated ${first + events.length - 1}` : 'EventIdInUse';
}

/** Random histories have the outcomes and leave the log that the naive one says. */
export function model(store: OpenStore, isOurs: boolean): void {
  it('behaves as the simplest log would, whatever is appended', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const start = await store().head();
        const naive = new NaiveLog(isOurs);
        await play(store, history, naive);
        const stored = await readOn(store(), start.position);
        const written = stored.map((event) => ({ stream: event.stream, event: asWritten(event) }));
        const foreseen = naive.events.map(({ stream, event }) => ({ stream, event: asGiven(event) }));
        // One stream after another, where the store promises no order among those of one tick.
        expect(isOurs ? written : byStream(written)).toEqual(isOurs ? foreseen : byStream(foreseen));
      }),
      { numRuns: 60 },
    );
  }, LONG_MS);
}

const byStream = <E extends { readonly stream: string }>(events: readonly E[]): E[] => events.toSorted((a, b) => (a.stream < b.stream ? -1 : Number(a.stream > b.stream)));

/** Appends of one tick are sent together: a store decides what one caller sends to a stream in the order of the calls. */
async function play(store: OpenStore, history: readonly Step[], naive: NaiveLog): Promise<void> {
  const streams = Array.from({ length: 4 }, () => newStream(`model${history.length % 3}`));
  const sent: NewEvent[][] = [];
  let together: Promise<string>[] = [];
  let foreseen: string[] = [];
  for (const step of history) {
    const stream = streams[step.stream] ?? newStream();
    const events = eventsOf(step, sent);
    sent.push(events);
    foreseen.push(naive.append(stream, step.expected, events));
    together.push(outcome(store, stream, step.expected, events));
    if (step.tick === 0) {
      expect(await Promise.all(together)).toEqual(foreseen);
      [together, foreseen] = [[], []];
    }
  }
  expect(await Promise.all(together)).toEqual(foreseen);
}

function eventsOf(step: Step, sent: readonly NewEvent[][]): NewEvent[] {
  const fresh = Array.from({ length: step.fresh }, () => newEvent({ id: randomUUID() }));
  const again = step.repeat === null ? [] : (sent[step.repeat % Math.max(sent.length, 1)] ?? []);
  const events = [...again, ...fresh];
  return events.length > 0 ? events : [newEvent()];
}

async function outcome(store: OpenStore, stream: string, expected: ExpectedRevision, events: NewEvent[]): Promise<string> {
  try {
    const { revision, repeated } = await store().append(stream, expected, events);
    return `${repeated ? 'repeated' : 'written'} ${revision}`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return 'actual' in error ? `${error.name} ${String(error.actual)}` : error.name;
  }
}
