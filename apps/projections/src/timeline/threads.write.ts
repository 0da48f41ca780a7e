import { bigints, integers, settled, uuids, type Transaction } from '@annals/read-models';

import { inKeyOrder } from '../rows.js';
import type { EntryChange } from './timeline.changes.js';
import { AFTER_ALL, BEFORE_ALL } from './timeline.table.js';

/** How long a part of a conversation is that has a row of its own. */
export const SPAN_MS = 30 * 86_400_000;
const NIL = '00000000-0000-0000-0000-000000000000';

const ADD = `insert into thread as t (customer, conversation, span, combination, count, first_at, last_at, last_id)
  select * from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::bigint[], $5::integer[], $6::bigint[], $7::bigint[], $8::uuid[])
  on conflict (customer, conversation, span, combination) do update set count = t.count + excluded.count,
  first_at = least(t.first_at, excluded.first_at), last_at = greatest(t.last_at, excluded.last_at),
  last_id = case when (excluded.last_at, excluded.last_id) > (t.last_at, t.last_id) then excluded.last_id else t.last_id end`;

/** Where an entry was taken away, the first and the last are found among those that are left. */
const FIND_ENDS = `update thread t set first_at = coalesce(f.at, $5), last_at = coalesce(l.at, $6), last_id = coalesce(l.id, $7)
  from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::bigint[]) as k(customer, conversation, span, combination)
  left join lateral (select e.at from entry e where e.customer = k.customer and e.conversation = k.conversation and e.combination = k.combination
    and e.at >= k.span * $8::bigint and e.at < (k.span + 1) * $8::bigint order by e.at limit 1) f on true
  left join lateral (select e.at, e.id from entry e where e.customer = k.customer and e.conversation = k.conversation and e.combination = k.combination
    and e.at >= k.span * $8::bigint and e.at < (k.span + 1) * $8::bigint order by e.at desc, e.id desc limit 1) l on true
  where t.customer = k.customer and t.conversation = k.conversation and t.span = k.span and t.combination = k.combination`;

interface Thread {
  readonly customer: string;
  readonly conversation: string;
  readonly span: number;
  readonly combination: bigint;
  count: number;
  first: number;
  last: number;
  lastId: string;
  /** Whether an entry was taken away. */
  isCut: boolean;
}

/** Writes what a batch makes of conversations; after the entries themselves. */
export async function writeThreads(transaction: Transaction, entries: readonly EntryChange[]): Promise<void> {
  const threads = new Map<string, Thread>();
  for (const entry of entries) if (entry.conversation !== null) count(threads, entry, entry.conversation);
  const rows = inKeyOrder(threads);
  const cut = rows.filter(({ isCut }) => isCut);
  if (rows.length === 0) return;
  await settled([
    transaction.query('timeline_threads', ADD, [
      ...keysOf(rows),
      integers(rows.map((row) => row.count)),
      bigints(rows.map(({ first }) => first)),
      bigints(rows.map(({ last }) => last)),
      uuids(rows.map(({ lastId }) => lastId)),
    ]),
    cut.length > 0 ? transaction.query('timeline_thread_ends', FIND_ENDS, [...keysOf(cut), AFTER_ALL, BEFORE_ALL, NIL, SPAN_MS]) : Promise.resolve(),
  ]);
}

function count(threads: Map<string, Thread>, entry: EntryChange, conversation: string): void {
  const { customer, at, id, present, combination } = entry;
  const span = Math.floor(at / SPAN_MS);
  const key = `${customer} ${conversation} ${span} ${combination}`;
  let thread = threads.get(key);
  if (thread === undefined) {
    thread = { customer, conversation, span, combination, count: 0, first: AFTER_ALL, last: BEFORE_ALL, lastId: NIL, isCut: false };
    threads.set(key, thread);
  }
  thread.count += present ? 1 : -1;
  if (!present) {
    thread.isCut = true;
    return;
  }
  thread.first = Math.min(thread.first, at);
  if (at < thread.last || (at === thread.last && id < thread.lastId)) return;
  thread.last = at;
  thread.lastId = id;
}

const keysOf = (rows: readonly Thread[]): unknown[] => [
  uuids(rows.map(({ customer }) => customer)),
  uuids(rows.map(({ conversation }) => conversation)),
  integers(rows.map(({ span }) => span)),
  bigints(rows.map(({ combination }) => combination)),
];
