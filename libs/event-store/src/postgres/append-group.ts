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

/** Row of `append`: its array as PostgreSQL writes it. */
export interface AppendRow {
  readonly answer: string;
}

const TEXT = 'select annals_log.append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13) as answer';
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/**
 * The call that appends a group.
 *
 * @param careful - let each append be decided after the one before
 */
export function groupQuery(group: readonly PendingAppend[], careful: boolean): QueryConfig {
  const [uuids, types, ids]: [string[], string[], string[]] = [[], [], []];
  const [categories, expected, counts, ahead]: [number[], number[], number[], number[]] = [[], [], [], []];
  const [owners, steps, versions]: [number[], number[], number[]] = [[], [], []];
  const [datas, metas]: [Uint8Array[], Uint8Array[]] = [[], []];
  const sent = new Map<string, number>();
  for (const append of group) {
    const before = sent.get(append.stream) ?? 0;
    sent.set(append.stream, before + append.events.length);
    uuids.push(append.uuid);
    categories.push(append.category);
    expected.push(typeof append.expected === 'number' ? clampRevision(append.expected) : EXPECTED[append.expected]);
    counts.push(append.events.length);
    ahead.push(before);
    let step = 0;
    for (const event of append.events) {
      ids.push(event.id);
      owners.push(uuids.length);
      steps.push((step += 1));
      versions.push(event.version);
      types.push(event.type);
      datas.push(event.data);
      metas.push(event.metadata);
    }
  }
  // An id twice in one group cannot be inserted at once.
  const twice = new Set(ids).size < ids.length;
  const appends = [uuidArray(uuids), int2Array(categories), int4Array(expected), int4Array(counts), int4Array(ahead)];
  const events = [uuidArray(ids), int4Array(owners), int4Array(steps), int2Array(versions), asciiArray(types)];
  const values = [...appends, ...events, byteaArray(datas), byteaArray(metas), careful || twice];
  return { name: 'append', text: TEXT, types: AS_TEXT, values };
}

/** No stream reaches this revision, so an expectation beyond what PostgreSQL's integer holds stays as wrong as it was. */
function clampRevision(expected: number): number {
  return Math.min(expected, 0x7fffffff);
}

/** What became of each append of a group, in its order: a result, or the error to reject it with. */
export function groupOutcomes(group: readonly PendingAppend[], row: AppendRow): (Appended | Error)[] {
  const [decidedEach, ...rest] = numbers(row.answer);
  if (decidedEach) return group.map((append, index) => outcome(append, rest.slice(index * 4, index * 4 + 4)));
  const [head = 0, recordedAt = 0, ...bases] = rest;
  let position = head;
  return group.map(({ events }, index) => {
    position += events.length;
    return { revision: (bases[index] ?? 0) + events.length, position, recordedAt, repeated: false };
  });
}

function outcome(append: PendingAppend, answer: readonly number[]): Appended | Error {
  const [verdict, revision = 0, position = 0, recordedAt = 0] = answer;
  const result = { revision, position, recordedAt };
  switch (verdict) {
    case VERDICT.written:
      return { ...result, repeated: false };
    case VERDICT.repeated:
      return { ...result, repeated: true };
    case VERDICT.wrongRevision:
      return new WrongExpectedRevision(append.stream, append.expected, revision);
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
