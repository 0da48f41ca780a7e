import { historyEvent, page, within, type HistoryEvent, type Scope } from '@annals/contracts';
import type { StoredEvent } from '@annals/event-store';
import { CommandRejected } from '@annals/kernel';
import { z } from 'zod';
import { departmentOf, type Log } from './log.js';

/** What `GET /<records>/:id/history` takes: at most `limit` events, after or before the revision in `cursor`. */
export const historyQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().regex(/^[ab](?:0|[1-9]\d{0,4})$/, { error: 'is not a cursor that this route gave' }).optional(),
});

/** `historyQuery` parsed. */
export type HistoryQuery = z.infer<typeof historyQuery>;

/** One page of a record's history. */
export const historyPage = page(historyEvent);

/** `historyPage` parsed. */
export type HistoryPage = z.infer<typeof historyPage>;

/** Which page, of what one may see. */
export interface HistoryAsked extends HistoryQuery {
  readonly scope: Scope;
}

/**
 * The events of one record, oldest first, opened: with actor, times and position. A record belongs to the
 * department of its first event, and to who may not see that department it is not there.
 *
 * @throws CommandRejected `not-found` where the stream has none
 */
export async function historyOf(log: Log, stream: string, { limit, cursor, scope }: HistoryAsked): Promise<HistoryPage> {
  const [origin] = await log.store.readStream(stream, { limit: 1 });
  if (origin === undefined || !within(scope, departmentOf(origin))) throw new CommandRejected('not-found', 'record-not-found', 'There is no such record.');
  const stored = await pageOf(log, stream, limit, cursor);
  const [first] = stored;
  const last = stored.at(-1);
  if (first === undefined || last === undefined) return { items: [], next: null, previous: null };
  const more = await log.store.readStream(stream, { from: last.revision + 1, limit: 1 });
  return {
    items: await shown(log, stored),
    next: more.length > 0 ? `a${last.revision}` : null,
    previous: first.revision > 0 ? `b${first.revision}` : null,
  };
}

async function pageOf({ store }: Log, stream: string, limit: number, cursor: string | undefined): Promise<readonly StoredEvent[]> {
  if (cursor === undefined) return await store.readStream(stream, { limit });
  const revision = Number(cursor.slice(1));
  if (cursor.startsWith('a')) return await store.readStream(stream, { from: revision + 1, limit });
  const from = Math.max(0, revision - limit);
  return revision === 0 ? [] : await store.readStream(stream, { from, limit: revision - from });
}

async function shown({ codec }: Log, stored: readonly StoredEvent[]): Promise<HistoryEvent[]> {
  const events = await codec.decode(stored);
  return events.map((event, index) => ({
    position: event.position,
    stream: event.stream,
    revision: event.revision,
    id: event.id,
    type: event.type,
    version: stored[index]?.version ?? 1,
    recordedAt: new Date(event.recordedAt).toISOString(),
    occurredAt: event.metadata.occurredAt,
    effectiveAt: event.metadata.effectiveAt,
    actor: event.metadata.actor,
    department: event.metadata.department,
    data: plain(event.data),
  }));
}

/** As JSON has it: fields whose key is gone read `{"erased": true}`. */
function plain(data: object): HistoryEvent['data'] {
  const json: HistoryEvent['data'] = JSON.parse(JSON.stringify(data));
  return json;
}
