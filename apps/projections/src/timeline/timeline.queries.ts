import { CATEGORIES, type Scope, type TimelineEntry } from '@annals/contracts';
import type { ReadModelReader } from '@annals/read-models';

import { slice, type Cursor, type Slice } from '../keyset.js';
import { patternsOf } from '../scope.js';
import type { CustomerBody, SegmentBody, TimelineState } from './timeline.state.js';

/** What a timeline is narrowed to; times in milliseconds since the epoch, `to` excluded. */
export interface TimelineFilter {
  readonly kind?: TimelineEntry['kind'] | undefined;
  readonly medium?: string | undefined;
  readonly platform?: string | undefined;
  readonly direction?: string | undefined;
  readonly purpose?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Streams whose entries are of each kind. */
const CATEGORY = { communication: 'communication', transaction: 'transaction', customer: 'customer', segment: 'membership' } as const;

/** Where no time is named, all that JavaScript has. */
const ENTRIES = `from entry e left join stream_state s on s.id = e.id and s.category = e.category
  where e.customer = $1 and e.department like any($2)
  and ($3::smallint is null or e.category = $3) and ($4::text is null or e.medium = $4) and ($5::text is null or e.platform = $5)
  and ($6::text is null or e.direction = $6) and ($7::text is null or e.purpose = $7)
  and e.at >= coalesce($8::bigint, -8640000000000000) and e.at < coalesce($9::bigint, 8640000000000001)`;
const COLUMNS = 'e.at, e.id, e.category, e.department, e.body, s.revision, s.state';
const TIMELINE = `select ${COLUMNS} ${ENTRIES} and (e.at, e.id) < (coalesce($10::bigint, 8640000000000001), coalesce($11::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')) order by e.at desc, e.id desc limit $12`;
const TIMELINE_BACK = `select ${COLUMNS} ${ENTRIES} and (e.at, e.id) > ($10::bigint, $11::uuid) order by e.at, e.id limit $12`;

interface EntryValues {
  readonly at: string;
  readonly id: string;
  readonly category: number;
  readonly department: string;
  readonly body: string | null;
  readonly revision: number | null;
  readonly state: string | null;
}

/** A page of a customer's timeline, latest first. */
export async function findTimeline(
  reader: ReadModelReader,
  scope: Scope,
  customer: string,
  { filter, limit, cursor }: { readonly filter: TimelineFilter; readonly limit: number; readonly cursor: Cursor | undefined },
): Promise<Slice<TimelineEntry>> {
  const category = filter.kind && CATEGORIES.indexOf(CATEGORY[filter.kind]);
  const { medium, platform, direction, purpose, from, to } = filter;
  const [at, id] = cursor?.keys ?? [];
  // What is undefined is null to PostgreSQL.
  const values = [customer, patternsOf(scope), category, medium, platform, direction, purpose, from, to, at, id, limit + 1];
  const isBack = cursor?.to === 'previous';
  const found = await reader.query<EntryValues>(isBack ? 'timeline_back' : 'timeline', isBack ? TIMELINE_BACK : TIMELINE, values);
  const page = slice(found, limit, cursor, (row) => [row.at, row.id]);
  const names = await segmentNames(reader, page.rows);
  return { ...page, rows: page.rows.map((row) => entryOf(customer, row, names)) };
}

const IS_KNOWN = 'select exists (select 1 from entry e where e.customer = $1 and e.department like any($2)) as known';

/** Whether the customer has a timeline at all. */
export async function hasTimeline(reader: ReadModelReader, scope: Scope, customer: string): Promise<boolean> {
  const [row] = await reader.query<{ known: boolean }>('timeline_known', IS_KNOWN, [customer, patternsOf(scope)]);
  return row?.known ?? false;
}

const NAMES = 'select id, name from segment where id = any($1::uuid[])';

async function segmentNames(reader: ReadModelReader, rows: readonly EntryValues[]): Promise<ReadonlyMap<string, string>> {
  const bodies = rows.map(bodyOf).filter((body) => body?.kind === 'segment');
  const ids = new Set(bodies.flatMap(({ from, to }) => [from, to]).filter((id) => id !== null));
  if (ids.size === 0) return new Map();
  const found = await reader.query<{ id: string; name: string }>('timeline_segments', NAMES, [[...ids]]);
  return new Map(found.map(({ id, name }) => [id, name]));
}

// Bodies and states were written by this app, from these types.
const bodyOf = ({ body }: EntryValues): CustomerBody | SegmentBody | null => (body === null ? null : (JSON.parse(body) as CustomerBody | SegmentBody));
const stateOf = ({ state }: EntryValues): TimelineState | null => (state === null ? null : (JSON.parse(state) as TimelineState));

function entryOf(customer: string, row: EntryValues, names: ReadonlyMap<string, string>): TimelineEntry {
  const at = new Date(Number(row.at)).toISOString();
  const { id, department } = row;
  const body = bodyOf(row);
  if (body !== null) {
    const stream = `${CATEGORIES[row.category] ?? ''}-${customer}`;
    if (body.kind === 'customer') return { id, at, department, stream, ...body };
    const nameOf = (segment: string | null): string | null => (segment === null ? null : (names.get(segment) ?? null));
    return { id, at, department, stream, ...body, fromName: nameOf(body.from), toName: nameOf(body.to) };
  }
  const state = stateOf(row);
  // Both rows are written in one transaction.
  if (state === null) throw new Error(`entry ${id} has no state`);
  const { customers: _, at: __, ...shown } = state;
  return { id, at, stream: `${state.kind}-${id}`, revision: row.revision ?? 0, ...shown };
}
