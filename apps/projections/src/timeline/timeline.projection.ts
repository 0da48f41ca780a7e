import { createHash } from 'node:crypto';
import { CATEGORIES, categoryOf, idOf, type Category, type RecordedEvent } from '@annals/contracts';
import type { Step } from '@annals/read-models';

import { isErased } from '../erased.js';
import { customerOf, followUpAfter, scheduled } from '../follow-ups/follow-up.state.js';
import { customersOf, inOrder } from '../linked.js';
import { combinationOf } from './combinations.js';
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
      return { state, changes: ofEvent(event, event.metadata.effectiveAt, segmentBody(event)) };
    case 'SegmentationTrained':
      return { state, changes: event.data.segments.map(({ id, name }) => ({ to: 'segment', id, name: name.en })) };
    default: {
      if (categoryOf(event.stream) === 'customer') return { state, changes: ofEvent(event, event.metadata.occurredAt, customerBody(event)) };
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

/** All in which two entries of one stream can differ; words hold no space. */
const keyOf = ({ customer, at, combination, conversation, words }: EntryChange): string => `${customer} ${at} ${combination} ${conversation} ${words.join(' ')}`;

/** How an entry that is no communication is filtered and found. */
const NOTHING_SAID: Said = { medium: null, platform: null, direction: null, purpose: null, conversation: null, words: [] };

function entriesOf(id: string, state: TimelineState): EntryChange[] {
  switch (state.of) {
    case 'communication': {
      const customers = customersOf(state.links);
      if (customers.length === 0) return [];
      const at = Date.parse(state.standing.content.startedAt);
      return entriesFor(customers, { id, at, category: COMMUNICATION, department: state.department, body: null }, said(state));
    }
    case 'transaction': {
      const customers = inOrder(state.parties.map(({ customerId }) => customerId));
      return entriesFor(customers, { id, at: state.at, category: TRANSACTION, department: state.department, body: null }, NOTHING_SAID);
    }
    case 'followup': {
      const customer = customerOf(state);
      return customer === null ? [] : entriesFor([customer], { id, at: state.at, category: FOLLOW_UP, department: state.department, body: null }, NOTHING_SAID);
    }
  }
}

const [COMMUNICATION, TRANSACTION, FOLLOW_UP] = (['communication', 'transaction', 'followup'] as const).map((category) => CATEGORIES.indexOf(category)) as [number, number, number];

type Said = Pick<EntryChange, 'medium' | 'platform' | 'direction' | 'purpose' | 'conversation' | 'words'>;
type Standing = Pick<EntryChange, 'id' | 'at' | 'category' | 'department' | 'body'>;

/** Field by field: there is one for nearly each event of a rebuild, and copies of copies are what it would spend its time on. */
function entriesFor(customers: readonly string[], { id, at, category, department, body }: Standing, said: Said): EntryChange[] {
  const { medium, platform, direction, purpose, conversation, words } = said;
  const combination = combinationOf({ category, department, medium, platform, direction, purpose, conversation });
  return customers.map((customer) => ({
    to: 'entry', customer, at, id, category, department, medium, platform, direction, purpose, conversation, combination, body, words, present: true,
  }));
}

function said({ standing }: CommunicationState): Said {
  const { medium, platform, direction, purpose, conversation, title, parts } = standing.content;
  const texts = [title, parts[0]?.text].filter((text) => text !== undefined && !isErased(text));
  return {
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

function ofEvent(event: RecordedEvent, at: string, body: CustomerBody | SegmentBody): EntryChange[] {
  const category = CATEGORIES.indexOf(categoryOf(event.stream) as Category);
  return entriesFor([idOf(event.stream)], { id: event.id, at: Date.parse(at), category, department: event.metadata.department, body }, NOTHING_SAID);
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
