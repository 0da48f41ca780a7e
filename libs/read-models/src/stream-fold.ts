import { CATEGORIES, categoryOf, idOf, type Category, type RecordedEvent } from '@annals/contracts';

import { integers, smallints, texts, uuids } from './columns.js';
import type { ReadModel, Transaction } from './read-model.js';

/** What one more event makes of a stream's state, and what it changes in the view. */
export interface Step<State, Change> {
  /** Undefined where nothing of the stream need be remembered but its revision. */
  readonly state: State | undefined;
  readonly changes: readonly Change[];
}

/** How a read model is made of streams, each folded by itself. */
export interface StreamFold<State, Change> {
  /**
   * Pure. `state` is plain JSON data and is undefined before a stream's first event; changes that count
   * must be such that their order between streams does not matter (sums), and can be taken back.
   */
  readonly step: (state: State | undefined, event: RecordedEvent) => Step<State, Change>;
  /** Writes the changes of a batch, in few statements and rows in key order. */
  readonly write: (transaction: Transaction, changes: readonly Change[]) => Promise<void>;
}

interface StateRow {
  readonly category: number;
  readonly id: string;
  readonly revision: number;
  readonly state: string | null;
}

/** A stream of the batch: its events, and what they make of it. */
class Stream<State, Change> {
  readonly events: RecordedEvent[] = [];
  readonly category: number;
  readonly id: string;
  revision = -1;
  state: State | undefined;
  changes: Change[] = [];
  changed = false;

  constructor(readonly name: string) {
    this.category = CATEGORIES.indexOf(categoryOf(name) as Category);
    this.id = idOf(name);
  }

  /** Folds the events that are above the revision known, and forgets what was folded before. */
  fold(step: StreamFold<State, Change>['step'], revision: number, state: State | undefined): void {
    this.revision = revision;
    this.state = state;
    this.changes = [];
    this.changed = false;
    for (const event of this.events) {
      if (event.revision <= this.revision) continue;
      const next = step(this.state, event);
      this.state = next.state;
      this.revision = event.revision;
      this.changed = true;
      for (const change of next.changes) this.changes.push(change);
    }
  }
}

const LOAD = `select s.category, s.id, s.revision, s.state
  from unnest($1::uuid[], $2::smallint[]) as k(id, category)
  join stream_state s on s.id = k.id and s.category = k.category`;

const ADD = `insert into stream_state (id, category, revision, state)
  select * from unnest($1::uuid[], $2::smallint[], $3::integer[], $4::text[])`;

/** As above where rows may be there; the ids are told only where some are. */
const ADD_NEW = `with new as (
    insert into stream_state (id, category, revision, state)
    select * from unnest($1::uuid[], $2::smallint[], $3::integer[], $4::text[])
    on conflict (id, category) do nothing returning id, category)
  select case when count(*) < $5 then coalesce(array_agg(category || ' ' || id), '{}') end as inserted from new`;

const UPDATE = `update stream_state s set revision = k.revision, state = k.state
  from unnest($1::uuid[], $2::smallint[], $3::integer[], $4::text[]) as k(id, category, revision, state)
  where s.id = k.id and s.category = k.category`;

/**
 * Makes a read model's `apply` that converges: an event is applied once, whatever is repeated, since each
 * stream's revision is kept with its state; and the view changes by what the stream's own events say, so
 * that no order between streams matters.
 *
 * Most streams of a batch are new. They are folded at once and inserted. Where that meets a row, the stream was
 * there before: the batch is applied again, carefully, which loads it and folds it again.
 */
export function foldStreams<State, Change>({ step, write }: StreamFold<State, Change>): ReadModel['apply'] {
  return async (transaction, events) => {
    const streams = [...grouped<State, Change>(events).values()].sort(byKey);
    const fresh = streams.filter(({ events: [first] }) => first?.revision === 0);
    const known = streams.filter(({ events: [first] }) => first?.revision !== 0);
    for (const stream of fresh) stream.fold(step, -1, undefined);
    const inserted = insert(transaction, fresh);
    // Where nothing has to be known first, all statements of the batch travel together.
    const isKnown = known.length === 0 && !transaction.careful;
    const [repeated] = isKnown ? [[]] : await Promise.all([inserted, load(transaction, known, step)]);
    await load(transaction, repeated, step);
    const changed = [...known, ...repeated].filter((stream) => stream.changed).sort(byKey);
    const changes: Change[] = [];
    for (const stream of streams) for (const change of stream.changes) changes.push(change);
    await settled([inserted, update(transaction, changed), write(transaction, changes)]);
  };
}

/**
 * Waits for statements that were sent together, also where one of them fails: nothing may follow a rollback.
 *
 * @throws what the first that failed threw
 */
export async function settled(statements: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(statements)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function grouped<State, Change>(events: readonly RecordedEvent[]): Map<string, Stream<State, Change>> {
  const streams = new Map<string, Stream<State, Change>>();
  for (const event of events) {
    let stream = streams.get(event.stream);
    if (stream === undefined) streams.set(event.stream, (stream = new Stream(event.stream)));
    stream.events.push(event);
  }
  return streams;
}

/** The order in which rows are written by every transaction, so that two cannot wait for each other. */
function byKey(a: { readonly id: string; readonly category: number }, b: { readonly id: string; readonly category: number }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : a.category - b.category;
}

type Some<State, Change> = readonly Stream<State, Change>[];

/** @returns those that were there before */
async function insert<State, Change>(transaction: Transaction, streams: Some<State, Change>): Promise<Stream<State, Change>[]> {
  if (streams.length === 0) return [];
  if (!transaction.careful) {
    await transaction.query('stream_state_add', ADD, valuesOf(streams));
    return [];
  }
  const rows = await transaction.query<{ inserted: string[] | null }>('stream_state_add_new', ADD_NEW, [...valuesOf(streams), streams.length]);
  const inserted = rows[0]?.inserted;
  if (!inserted) return [];
  const there = new Set(inserted);
  return streams.filter(({ category, id }) => !there.has(`${category} ${id}`));
}

async function load<State, Change>(
  transaction: Transaction,
  streams: Some<State, Change>,
  step: StreamFold<State, Change>['step'],
): Promise<void> {
  if (streams.length === 0) return;
  const keys = [uuids(streams.map(({ id }) => id)), smallints(streams.map(({ category }) => category))];
  const rows = await transaction.query<StateRow>('stream_state_load', LOAD, keys);
  const stored = new Map(rows.map((row) => [`${row.category} ${row.id}`, row]));
  const missing: Stream<State, Change>[] = [];
  for (const stream of streams) {
    const row = stored.get(`${stream.category} ${stream.id}`);
    if (row === undefined) missing.push(stream);
    // The text was written below, from a State.
    stream.fold(step, row?.revision ?? -1, typeof row?.state === 'string' ? (JSON.parse(row.state) as State) : undefined);
  }
  await insert(transaction, missing);
}

async function update<State, Change>(transaction: Transaction, streams: Some<State, Change>): Promise<void> {
  if (streams.length > 0) await transaction.query('stream_state_update', UPDATE, valuesOf(streams));
}

function valuesOf<State, Change>(streams: Some<State, Change>): unknown[] {
  return [
    uuids(streams.map(({ id }) => id)),
    smallints(streams.map(({ category }) => category)),
    integers(streams.map(({ revision }) => revision)),
    texts(streams.map(({ state }) => (state === undefined ? null : JSON.stringify(state)))),
  ];
}
