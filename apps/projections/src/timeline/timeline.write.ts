import { plain, settled, texts, type Transaction } from '@annals/read-models';

import type { TimelineChange } from './timeline.projection.js';

type Entry = Extract<TimelineChange, { to: 'entry' }>;

const ADD_ENTRIES = `insert into entry (customer, at, id, category, department, medium, platform, direction, purpose, body)
  select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
  on conflict do nothing`;

const SET_SEGMENTS = `insert into segment (id, name) select * from unnest($1::uuid[], $2::text[])
  on conflict (id) do update set name = excluded.name`;

/** Writes the changes of a batch: one statement a table, its rows in key order. */
export async function writeTimeline(transaction: Transaction, changes: readonly TimelineChange[]): Promise<void> {
  await settled([
    addEntries(transaction, changes.filter((change) => change.to === 'entry')),
    setSegments(transaction, changes.filter((change) => change.to === 'segment')),
  ]);
}

async function addEntries(transaction: Transaction, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = [...entries].sort((a, b) => (a.customer < b.customer ? -1 : a.customer > b.customer ? 1 : a.at - b.at));
  await transaction.query('timeline_entries', ADD_ENTRIES, [
    plain(rows.map(({ customer }) => customer)),
    plain(rows.map(({ at }) => at)),
    plain(rows.map(({ id }) => id)),
    plain(rows.map(({ category }) => category)),
    texts(rows.map(({ department }) => department)),
    texts(rows.map(({ medium }) => medium)),
    texts(rows.map(({ platform }) => platform)),
    texts(rows.map(({ direction }) => direction)),
    texts(rows.map(({ purpose }) => purpose)),
    texts(rows.map(({ body }) => (body === null ? null : JSON.stringify(body)))),
  ]);
}

async function setSegments(transaction: Transaction, changes: readonly Extract<TimelineChange, { to: 'segment' }>[]): Promise<void> {
  if (changes.length === 0) return;
  const rows = [...new Map(changes.map((change) => [change.id, change])).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  await transaction.query('timeline_segments', SET_SEGMENTS, [
    plain(rows.map(({ id }) => id)),
    texts(rows.map(({ name }) => name)),
  ]);
}
