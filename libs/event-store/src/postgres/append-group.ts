import type { QueryConfig } from 'pg';
import { EventIdInUse, StreamFull, WrongExpectedRevision } from '../errors.js';
import type { Appended, ExpectedRevision, NewEvent } from '../event-store.js';
import { asciiArray, byteaArray, int2Array, int4Array, uuidArray } from './binary-array.js';
import { EXPECTED, VERDICT } from './schema.js';

/** An append on its way. */
export interface PendingAppend {
  readonly stream: string;
  readonly uuid: string;
  /** The category's number in this log. */
  readonly category: number;
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
  readonly bytes: number;
}

/** Row of `append`, its arrays as PostgreSQL writes them. */
export interface AppendRow {
  readonly verdicts: string | null;
  readonly revisions: string;
  readonly positions: string;
  readonly times: string;
}

const TEXT = 'select * from annals_log.append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)';
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/** The call that appends a group. */
export function groupQuery(group: readonly PendingAppend[]): QueryConfig {
  const events: NewEvent[] = [];
  const owners: number[] = [];
  const steps: number[] = [];
  const ahead: number[] = [];
  const sent = new Map<string, number>();
  group.forEach((append, index) => {
    const before = sent.get(append.stream) ?? 0;
    ahead.push(before);
    sent.set(append.stream, before + append.events.length);
    append.events.forEach((event, step) => {
      events.push(event);
      owners.push(index + 1);
      steps.push(step + 1);
    });
  });
  const ids = events.map((event) => event.id);
  // An id twice in one group cannot be inserted at once: let each append be decided after the one before.
  const careful = new Set(ids).size < ids.length;
  return {
    name: 'append',
    text: TEXT,
    types: AS_TEXT,
    values: [
      uuidArray(group.map((append) => append.uuid)),
      int2Array(group.map((append) => append.category)),
      int4Array(group.map(({ expected }) => (typeof expected === 'number' ? clampRevision(expected) : EXPECTED[expected]))),
      int4Array(group.map((append) => append.events.length)),
      int4Array(ahead),
      uuidArray(ids),
      int4Array(owners),
      int4Array(steps),
      int2Array(events.map((event) => event.version)),
      asciiArray(events.map((event) => event.type)),
      byteaArray(events.map((event) => event.data)),
      byteaArray(events.map((event) => event.metadata)),
      careful,
    ],
  };
}

/** No stream reaches this revision, so an expectation beyond what PostgreSQL's integer holds stays as wrong as it was. */
function clampRevision(expected: number): number {
  return Math.min(expected, 0x7fffffff);
}

/** What became of each append of a group, in its order: a result, or the error to reject it with. */
export function groupOutcomes(group: readonly PendingAppend[], row: AppendRow): (Appended | Error)[] {
  const revisions = numbers(row.revisions);
  const positions = numbers(row.positions);
  const times = numbers(row.times);
  const verdicts = row.verdicts === null ? null : numbers(row.verdicts);
  let position = positions[0] ?? 0;
  return group.map((append, index) => {
    const revision = revisions[index] ?? 0;
    if (!verdicts) {
      position += append.events.length;
      return { revision: revision + append.events.length, position, recordedAt: times[0] ?? 0, repeated: false };
    }
    const result = { revision, position: positions[index] ?? 0, recordedAt: times[index] ?? 0 };
    return outcome(append, verdicts[index], result);
  });
}

function outcome(append: PendingAppend, verdict: number | undefined, result: Omit<Appended, 'repeated'>): Appended | Error {
  switch (verdict) {
    case VERDICT.written:
      return { ...result, repeated: false };
    case VERDICT.repeated:
      return { ...result, repeated: true };
    case VERDICT.wrongRevision:
      return new WrongExpectedRevision(append.stream, append.expected, result.revision);
    case VERDICT.idInUse:
      return new EventIdInUse(append.stream);
    case VERDICT.streamFull:
      return new StreamFull(append.stream);
    default:
      return new Error(`the log gave no verdict on an append to ${append.stream}`);
  }
}

/** `{1,2,3}` as numbers. Positions are below 2^53 for longer than any disk lasts. */
function numbers(array: string): number[] {
  return array.slice(1, -1).split(',').map(Number);
}
