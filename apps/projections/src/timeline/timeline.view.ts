import { CATEGORIES, type TimelineEntry } from '@annals/contracts';

import { firstCharacters } from '../erased.js';
import { followUpOf } from '../follow-ups/follow-up.state.js';
import { conversationId } from './timeline.projection.js';
import type { CommunicationState, CustomerBody, SegmentBody, TimelineState } from './timeline.state.js';

/** A row of a page as it is read. */
export interface EntryValues {
  readonly at: string;
  readonly id: string;
  readonly category: number;
  readonly department: string;
  readonly body: string | null;
  readonly revision: number | null;
  readonly state: string | null;
  /** Of a conversation, of which the row is the latest message that fits. */
  readonly messages?: number | null;
  readonly first_at?: string;
  readonly media?: Entry<'conversation'>['media'];
  readonly directions?: Entry<'conversation'>['directions'];
}

const SHOWN_CHARACTERS = 500;

type Entry<Kind extends TimelineEntry['kind']> = Extract<TimelineEntry, { kind: Kind }>;
type Base = Pick<Entry<'communication'>, 'id' | 'at' | 'department' | 'stream' | 'revision'>;

// Bodies and states were written by this app, from these types.
/** What an entry that is an event says; null where a state does. */
export const bodyOf = ({ body }: EntryValues): CustomerBody | SegmentBody | null => (body === null ? null : (JSON.parse(body) as CustomerBody | SegmentBody));
const stateOf = ({ state }: EntryValues): TimelineState | null => (state === null ? null : (JSON.parse(state) as TimelineState));

/** An entry as it is shown. */
export function entryOf(customer: string, row: EntryValues, names: ReadonlyMap<string, string>): TimelineEntry {
  const at = new Date(Number(row.at)).toISOString();
  const { id, department } = row;
  const category = CATEGORIES[row.category] ?? '';
  const body = bodyOf(row);
  if (body !== null) {
    const stream = `${category}-${customer}`;
    if (body.kind === 'customer') return { id, at, department, stream, ...body };
    const nameOf = (segment: string | null): string | null => (segment === null ? null : (names.get(segment) ?? null));
    return { id, at, department, stream, ...body, fromName: nameOf(body.from), toName: nameOf(body.to) };
  }
  const state = stateOf(row);
  // Both rows are written in one transaction.
  if (state === null) throw new Error(`entry ${id} has no state`);
  const entry = ofState({ id, at, department, stream: `${category}-${id}`, revision: row.revision ?? 0 }, state);
  return entry.kind === 'communication' ? foldedOf(entry, row) : entry;
}

/** A conversation of one message is that message. */
function foldedOf(latest: Entry<'communication'>, { messages, first_at: first, media = [], directions = [] }: EntryValues): TimelineEntry {
  const { conversation, at } = latest;
  if (conversation === null || messages === undefined || messages === null || messages < 2) return latest;
  return { kind: 'conversation', ...conversation, at, messages, firstAt: new Date(Number(first)).toISOString(), media, directions, latest };
}

function ofState(base: Base, state: TimelineState): TimelineEntry {
  switch (state.of) {
    case 'communication':
      return communicationOf(base, state);
    case 'transaction': {
      const { of: _, at: __, parties: ___, department: ____, ...shown } = state;
      return { ...base, kind: 'transaction', ...shown };
    }
    case 'followup': {
      const { assignee, dueAt, zone, subject, communication, text, status } = followUpOf(base.id, base.revision, state);
      return { ...base, kind: 'follow-up', assignee, dueAt, zone, subject, communication, text, status };
    }
  }
}

function optionalOf({ platform, disposition, title, endedAt }: CommunicationState['standing']['content']): Pick<Entry<'communication'>, 'platform' | 'disposition' | 'title' | 'endedAt'> {
  return { platform: platform ?? null, disposition: disposition ?? null, title: title ?? null, endedAt: endedAt ?? null };
}

function communicationOf(base: Base, { standing, delivery, amended, retracted, annotations }: CommunicationState): Entry<'communication'> {
  const { content } = standing;
  const { medium, direction, purpose, conversation, participants, parts } = content;
  const words = parts[0]?.text;
  return {
    ...base,
    kind: 'communication',
    medium,
    direction,
    purpose,
    ...optionalOf(content),
    text: words === undefined ? null : firstCharacters(words, SHOWN_CHARACTERS),
    participants: participants.length,
    conversation: conversation === undefined ? null : { ...conversation, id: conversationId(conversation) },
    delivery: delivery && { status: delivery.status, attempt: delivery.attempt, at: delivery.providerAt },
    amended,
    retracted,
    annotations: annotations.length,
  };
}
