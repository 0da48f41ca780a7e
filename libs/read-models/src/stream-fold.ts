import { CATEGORIES, categoryOf, idOf, type Category, type RecordedEvent } from '@annals/contracts';

import { plain, texts } from './columns.js';
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

interface Folded<State> {
  readonly category: number;
  readonly id: string;
  revision: number;
  state: State | undefined;
  changed: boolean;
}

interface StateRow {
  readonly category: number;
  readonly id: string;
  readonly revision: number;
  readonly state: string | null;
}

const LOAD = `select s.category, s.id, s.revision, s.state
  from unnest($1::uuid[], $2::smallint[]) as k(id, category)
  join stream_state s on s.id = k.id and s.category = k.category`;

const SAVE = `insert into stream_state as s (id, category, revision, state)
  select * from unnest($1::uuid[], $2::smallint[], $3::integer[], $4::text[])
  on conflict (id, category) do update set revision = excluded.revision, state = excluded.state
  where excluded.revision > s.revision`;

/**
 * Makes a read model's `apply` that converges: an event is applied once, whatever is repeated, since each
 * stream's revision is kept with its state; and the view changes by what the stream's own events say, so
 * that no order between streams matters.
 */
export function foldStreams<State, Change>(fold: StreamFold<State, Change>): ReadModel['apply'] {
  return async (transaction, events) => {
    const streams = await load<State>(transaction, events);
    const changes: Change[] = [];
    for (const event of events) {
      const stream = streams.get(event.stream);
      if (stream === undefined || event.revision <= stream.revision) continue;
      const step = fold.step(stream.state, event);
      stream.state = step.state;
      stream.revision = event.revision;
      stream.changed = true;
      for (const change of step.changes) changes.push(change);
    }
    await settled([save(transaction, [...streams.values()]), fold.write(transaction, changes)]);
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

async function load<State>(transaction: Transaction, events: readonly RecordedEvent[]): Promise<Map<string, Folded<State>>> {
  const streams = new Map<string, Folded<State>>();
  for (const { stream } of events) {
    if (!streams.has(stream)) streams.set(stream, { ...keyOf(stream), revision: -1, state: undefined, changed: false });
  }
  const keys = [...streams.values()];
  const values = [plain(keys.map(({ id }) => id)), plain(keys.map(({ category }) => category))];
  for (const row of await transaction.query<StateRow>('stream_state_load', LOAD, values)) {
    const stream = streams.get(`${CATEGORIES[row.category] ?? ''}-${row.id}`);
    if (stream === undefined) continue;
    stream.revision = row.revision;
    // The text was written below, from a State.
    stream.state = row.state === null ? undefined : (JSON.parse(row.state) as State);
  }
  return streams;
}

async function save<State>(transaction: Transaction, streams: readonly Folded<State>[]): Promise<void> {
  const rows = streams.filter(({ changed }) => changed).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.category - b.category));
  if (rows.length === 0) return;
  await transaction.query('stream_state_save', SAVE, [
    plain(rows.map(({ id }) => id)),
    plain(rows.map(({ category }) => category)),
    plain(rows.map(({ revision }) => revision)),
    texts(rows.map(({ state }) => (state === undefined ? null : JSON.stringify(state)))),
  ]);
}

/** A stream's key in `stream_state`. */
export function keyOf(stream: string): { readonly category: number; readonly id: string } {
  return { category: CATEGORIES.indexOf(categoryOf(stream) as Category), id: idOf(stream) };
}
