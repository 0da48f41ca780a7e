import type { ExpectedRevision, NewEvent } from '@annals/event-store';

/** One append of the proof, and what it is known by. */
export interface Step {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: NewEvent[];
}

/** What an event's id says: who appended it, in which of its appends, and where in that. */
export interface Origin {
  readonly writer: number;
  readonly sequence: number;
  readonly index: number;
}

/** At most this many events in one append. */
export const MOST_EVENTS = 3;

const SHARED_STREAMS = 256;
// Half of a writer's appends begin a stream, a quarter go to one of its own (below 10,000 events), a quarter to one
// that all writers share.
const APPENDS_TO_OWN_STREAM = 3_000;
const METADATA = Buffer.from('{"format":1}');
const PADDING = '.'.repeat(260);

/** How many events a writer's append holds. */
export function eventCount(sequence: number): number {
  return 1 + (sequence % MOST_EVENTS);
}

/** A writer's appends are the same in every run, so that any event can be traced to its append. */
export function step(writer: number, sequence: number, ownRevision: number): Step {
  const events = Array.from({ length: eventCount(sequence) }, (_, index) => event({ writer, sequence, index }));
  const turn = Math.floor(sequence / 4);
  switch (sequence % 4) {
    case 0: {
      const own = Math.floor(turn / APPENDS_TO_OWN_STREAM);
      const stream = `own-${uuid(writer, own, 0)}`;
      return { stream, events, expected: turn % APPENDS_TO_OWN_STREAM === 0 ? 'NoStream' : ownRevision };
    }
    case 2:
      return { stream: `shared-${uuid(0xffff, (turn * 7 + writer) % SHARED_STREAMS, 0)}`, events, expected: 'Any' };
    default:
      return { stream: `single-${uuid(writer, sequence, 0)}`, events, expected: 'NoStream' };
  }
}

/** The id of an event. */
export function eventId(origin: Origin): string {
  return uuid(origin.writer, origin.sequence, origin.index);
}

function event(origin: Origin): NewEvent {
  const id = eventId(origin);
  return { id, type: 'Proved', version: 1, data: Buffer.from(`${id}${PADDING}`), metadata: METADATA };
}

function uuid(first: number, second: number, third: number): string {
  const rest = hex(second, 8);
  return `${hex(first, 8)}-${rest.slice(0, 4)}-${rest.slice(4)}-8000-${hex(third, 12)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** The origin of an event of this workload. */
export function originOf(id: string): Origin {
  return {
    writer: Number.parseInt(id.slice(0, 8), 16),
    sequence: Number.parseInt(id.slice(9, 13) + id.slice(14, 18), 16),
    index: Number.parseInt(id.slice(24), 16),
  };
}
