import { CATEGORIES, idOf, type Category, type RecordedEvent } from '@annals/contracts';
import type { Step } from '@annals/read-models';

import { firstCharacters } from '../erased.js';
import type { CommunicationBody, CustomerBody, SegmentBody, TimelineState, TransactionBody } from './timeline.state.js';

/** A change to the tables of the timeline. */
export type TimelineChange =
  | {
      readonly to: 'entry';
      readonly customer: string;
      readonly at: number;
      readonly id: string;
      readonly category: number;
      readonly department: string;
      readonly medium: string | null;
      readonly platform: string | null;
      readonly direction: string | null;
      readonly purpose: string | null;
      readonly body: CustomerBody | SegmentBody | null;
    }
  | { readonly to: 'segment'; readonly id: string; readonly name: string };

type Entry = Extract<TimelineChange, { to: 'entry' }>;
type Next = Step<TimelineState, TimelineChange>;

const CHARACTERS = 500;

/** What one more event makes of its stream, and what it changes on timelines. */
export function timelineStep(state: TimelineState | undefined, event: RecordedEvent): Next {
  switch (event.type) {
    case 'CommunicationLogged':
      return whole(event, undefined, communication(event));
    case 'TransactionRecorded':
      return whole(event, undefined, transaction(event));
    case 'CommunicationLinked':
      return state?.kind === 'communication' ? whole(event, state, { ...state, customers: linked(state.customers, [event.data.subject]) }) : { state, changes: [] };
    case 'TransactionCancelled':
      return state?.kind === 'transaction' ? whole(event, state, { ...state, cancelled: true }) : { state, changes: [] };
    case 'CustomerRegistered':
    case 'CustomerProfileChanged':
    case 'ContactPointAdded':
      return { state, changes: [ofEvent(event, event.metadata.occurredAt, customerBody(event))] };
    case 'SegmentMembershipChanged':
      return { state, changes: [ofEvent(event, event.metadata.effectiveAt, segmentBody(event))] };
    case 'SegmentationTrained':
      return { state, changes: event.data.segments.map(({ id, name }) => ({ to: 'segment', id, name: name.en })) };
    default:
      return { state, changes: [] };
  }
}

/** Entries for customers that the stream did not have before. None is ever taken away: links are only added. */
function whole({ stream }: RecordedEvent, before: TimelineState | undefined, after: TimelineState): Next {
  const had = before?.customers ?? [];
  const id = idOf(stream);
  const changes: TimelineChange[] = [];
  for (const customer of after.customers) if (!had.includes(customer)) changes.push(entryOf(customer, id, after));
  return { state: after, changes };
}

/** How an entry that is no communication is filtered. */
const NOTHING_SAID = { medium: null, platform: null, direction: null, purpose: null };

function entryOf(customer: string, id: string, state: TimelineState): Entry {
  const { at, department } = state;
  const { medium, platform, direction, purpose } = state.kind === 'communication' ? state : NOTHING_SAID;
  const category = CATEGORIES.indexOf(state.kind);
  return { to: 'entry', customer, at, id, category, department, medium, platform, direction, purpose, body: null };
}

function communication({ data, metadata }: RecordedEvent<'CommunicationLogged'>): CommunicationBody {
  const words = (data.parts.find(({ role }) => role === 'body') ?? data.parts.find(({ role }) => role === 'transcript'))?.text;
  return {
    kind: 'communication',
    customers: linked([], data.subjects),
    at: Date.parse(data.startedAt),
    department: metadata.department,
    medium: data.medium,
    platform: data.platform ?? null,
    direction: data.direction,
    purpose: data.purpose,
    disposition: data.disposition ?? null,
    title: data.title ?? null,
    text: words === undefined ? null : firstCharacters(words, CHARACTERS),
    participants: data.participants.length,
    endedAt: data.endedAt ?? null,
  };
}

function transaction({ data, metadata }: RecordedEvent<'TransactionRecorded'>): TransactionBody {
  return {
    kind: 'transaction',
    customers: [...new Set(data.parties.map(({ customerId }) => customerId))].sort(),
    at: Date.parse(metadata.occurredAt),
    department: metadata.department,
    transactionKind: data.kind,
    number: data.number ?? null,
    issuedOn: data.issuedOn,
    currency: data.currency,
    totalMinor: data.totalMinor,
    lines: data.lines.length,
    cancelled: false,
  };
}

function linked(before: readonly string[], subjects: readonly RecordedEvent<'CommunicationLinked'>['data']['subject'][]): string[] {
  const customers = subjects.flatMap(({ ref }) => ('customer' in ref ? [ref.customer] : []));
  return [...new Set([...before, ...customers])].sort();
}

function ofEvent(event: RecordedEvent, at: string, body: CustomerBody | SegmentBody): Entry {
  const category = CATEGORIES.indexOf(event.stream.slice(0, event.stream.indexOf('-')) as Category);
  return {
    to: 'entry',
    customer: idOf(event.stream),
    at: Date.parse(at),
    id: event.id,
    category,
    department: event.metadata.department,
    ...NOTHING_SAID,
    body,
  };
}

function customerBody(event: RecordedEvent<'CustomerRegistered' | 'CustomerProfileChanged' | 'ContactPointAdded'>): CustomerBody {
  const changed = event.type === 'ContactPointAdded' ? ['contactPoints'] : Object.keys(event.data).sort();
  return { kind: 'customer', revision: event.revision, event: event.type, changed };
}

function segmentBody({ data, revision }: RecordedEvent<'SegmentMembershipChanged'>): SegmentBody {
  return { kind: 'segment', revision, segmentation: data.segmentation, from: data.from ?? null, to: data.to ?? null };
}
