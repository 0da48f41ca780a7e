import { createHash } from 'node:crypto';
import { CATEGORIES, categoryOf, idOf, type Category, type RecordedEvent } from '@annals/contracts';
import type { Step } from '@annals/read-models';

import { isErased } from '../erased.js';
import { customerOf, followUpAfter, scheduled } from '../follow-ups/follow-up.state.js';
import { customersOf } from '../linked.js';
import type { EntryChange, TimelineChange } from './timeline.changes.js';
import {
  communicationAfter, logged, recorded, transactionAfter,
  type CommunicationState, type CustomerBody, type SegmentBody, type TimelineState,
} from './timeline.state.js';
import { wordsOf } from './words.js';

type Next = Step<TimelineState, TimelineChange>;

/** What one more event makes of its stream, and what it changes on timelines. */
export function timelineStep(state: TimelineState | undefined, event: RecordedEvent): Next {
  switch (event.type) {
    case 'SegmentMembershipChanged':
      return { state, changes: [ofEvent(event, event.metadata.effectiveAt, segmentBody(event))] };
    case 'SegmentationTrained':
      return { state, changes: event.data.segments.map(({ id, name }) => ({ to: 'segment', id, name: name.en })) };
    default: {
      if (categoryOf(event.stream) === 'customer') return { state, changes: [ofEvent(event, event.metadata.occurredAt, customerBody(event))] };
      const after = stateAfter(state, event);
      const id = idOf(event.stream);
      return { state: after, changes: difference(state && entriesOf(id, state), after && entriesOf(id, after)) };
    }
  }
}

function stateAfter(state: TimelineState | undefined, event: RecordedEvent): TimelineState | undefined {
  switch (event.type) {
    case 'CommunicationLogged':
      return logged(event);
    case 'TransactionRecorded':
      return recorded(event);
    case 'FollowUpScheduled':
      return { ...scheduled(event), at: Date.parse(event.metadata.occurredAt) };
    default:
      return state && evolved(state, event);
  }
}

function evolved(state: TimelineState, event: RecordedEvent): TimelineState {
  switch (state.of) {
    case 'communication':
      return communicationAfter(state, event);
    case 'transaction':
      return transactionAfter(state, event);
    case 'followup':
      return { ...followUpAfter(state, event), at: state.at };
  }
}

/** Entries that stay as they are are left alone: what they say is read from the state. */
function difference(old: readonly EntryChange[] = [], now: readonly EntryChange[] = []): EntryChange[] {
  if (old.length === 0) return [...now];
  const kept = new Set(now.map(keyOf));
  const had = new Set(old.map(keyOf));
  return [
    ...old.filter((entry) => !kept.has(keyOf(entry))).map((entry) => ({ ...entry, present: false })),
    ...now.filter((entry) => !had.has(keyOf(entry))),
  ];
}

const keyOf = (entry: EntryChange): string => JSON.stringify(entry);

/** How an entry that is no communication is filtered and found. */
const NOTHING_SAID = { medium: null, platform: null, direction: null, purpose: null, conversation: null, words: [] };

function entriesOf(id: string, state: TimelineState): EntryChange[] {
  const { department } = state;
  const category = CATEGORIES.indexOf(state.of);
  const entry = { to: 'entry', id, category, department, body: null, present: true } as const;
  switch (state.of) {
    case 'communication':
      return customersOf(state.links).map((customer) => ({ ...entry, customer, ...said(state) }));
    case 'transaction': {
      const customers = [...new Set(state.parties.map(({ customerId }) => customerId))].sort();
      return customers.map((customer) => ({ ...entry, customer, at: state.at, ...NOTHING_SAID }));
    }
    case 'followup': {
      const customer = customerOf(state);
      return customer === null ? [] : [{ ...entry, customer, at: state.at, ...NOTHING_SAID }];
    }
  }
}

type Said = Pick<EntryChange, 'at' | 'medium' | 'platform' | 'direction' | 'purpose' | 'conversation' | 'words'>;

function said({ standing }: CommunicationState): Said {
  const { startedAt, medium, platform, direction, purpose, conversation, title, parts } = standing.content;
  const texts = [title, parts[0]?.text].filter((text) => text !== undefined && !isErased(text));
  return {
    at: Date.parse(startedAt),
    medium,
    platform: platform ?? null,
    direction,
    purpose,
    conversation: conversation === undefined ? null : conversationId(conversation),
    words: wordsOf(texts.join(' \n ')),
  };
}

/** Names a conversation by what the platform calls it, which is nobody's address. */
export function conversationId({ platform, key }: { readonly platform: string; readonly key: string }): string {
  const hex = createHash('sha256').update(`${platform} ${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function ofEvent(event: RecordedEvent, at: string, body: CustomerBody | SegmentBody): EntryChange {
  const category = CATEGORIES.indexOf(categoryOf(event.stream) as Category);
  const { department } = event.metadata;
  return { to: 'entry', customer: idOf(event.stream), at: Date.parse(at), id: event.id, category, department, ...NOTHING_SAID, body, present: true };
}

/** What each event changes where its own fields do not say so. */
const CHANGED: readonly (readonly [event: RegExp, field: string])[] = [
  [/^ContactPoint/, 'contactPoints'],
  [/^Reference/, 'references'],
  [/^Customer(?:Una|A)ssigned$/, 'assignments'],
  [/^Customer(?:Unt|T)agged$/, 'tags'],
  [/^Customer(?:De|Re)activated$/, 'active'],
  [/^Duplicate/, 'duplicates'],
  [/^Profiling/, 'objectsToProfiling'],
];

function customerBody(event: RecordedEvent): CustomerBody {
  const field = CHANGED.find(([type]) => type.test(event.type))?.[1];
  return { kind: 'customer', revision: event.revision, event: event.type, changed: field === undefined ? Object.keys(event.data).sort() : [field] };
}

function segmentBody({ data, revision }: RecordedEvent<'SegmentMembershipChanged'>): SegmentBody {
  return { kind: 'segment', revision, segmentation: data.segmentation, from: data.from ?? null, to: data.to ?? null };
}
