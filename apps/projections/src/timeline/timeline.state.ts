import { amendContent, shownReport, type AnnalsEvent, type DeliveryReport, type RecordedEvent, type StandingContent, type TimelineEntry } from '@annals/contracts';

import { firstCharacters } from '../erased.js';
import type { FollowUpState } from '../follow-ups/follow-up.state.js';
import { linkedAfter, linkedAtFirst, type Linked } from '../linked.js';

type Entry<Kind extends TimelineEntry['kind']> = Extract<TimelineEntry, { kind: Kind }>;
type Shown<Kind extends TimelineEntry['kind']> = Readonly<Omit<Entry<Kind>, 'id' | 'at' | 'stream' | 'revision' | 'department'>>;
type Content = AnnalsEvent<'CommunicationLogged'>['data'];

/** How much of the words is kept, and found by them. */
export const SEARCHED_CHARACTERS = 2_000;

/** What the timeline keeps of a communication. */
export interface CommunicationState extends Pick<Shown<'communication'>, 'amended' | 'retracted'> {
  readonly of: 'communication';
  readonly department: string;
  readonly links: readonly Linked[];
  /** What it says as it stands, with no more of each field than is shown or searched. */
  readonly standing: StandingContent;
  readonly delivery: DeliveryReport | null;
  /** Ids of those that stand. */
  readonly annotations: readonly string[];
}

/** What the timeline keeps of a transaction. */
export interface TransactionState extends Omit<Shown<'transaction'>, 'kind'> {
  readonly of: 'transaction';
  readonly department: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly parties: AnnalsEvent<'TransactionRecorded'>['data']['parties'];
}

/** What the timeline keeps of one stream; nothing where each event is an entry of its own. */
export type TimelineState = CommunicationState | TransactionState | (FollowUpState & { readonly at: number });

/** What an entry about the customer's own record says. */
export type CustomerBody = Shown<'customer'> & { readonly revision: number };
/** What an entry about a segment says; names are added when it is read. */
export type SegmentBody = Omit<Shown<'segment'>, 'fromName' | 'toName'> & { readonly revision: number };

/** The state that a communication begins with. */
export function logged({ data, metadata }: RecordedEvent<'CommunicationLogged'>): CommunicationState {
  const { subjects, reference: _, outcome: __, ...content } = data;
  return {
    of: 'communication',
    department: metadata.department,
    links: linkedAtFirst(subjects),
    standing: { content: { ...content, ...shortened(content) }, since: {} },
    delivery: null,
    annotations: [],
    amended: null,
    retracted: null,
  };
}

interface Listed {
  readonly participants?: Content['participants'] | undefined;
  readonly parts?: Content['parts'] | undefined;
}

/** Of those who took part only that they did, and of the parts only the words. */
function shortened({ participants, parts }: Listed): Partial<Pick<Content, 'participants' | 'parts'>> {
  return {
    ...(participants !== undefined && { participants: participants.map(({ role }) => ({ role })) }),
    ...(parts !== undefined && { parts: wordsAmong(parts, SEARCHED_CHARACTERS) }),
  };
}

/** Of the parts of a communication the one that has its words, and so many of them. */
export function wordsAmong(parts: Content['parts'], most: number): Content['parts'] {
  const words = parts.find(({ role }) => role === 'body') ?? parts.find(({ role }) => role === 'transcript');
  if (words?.text === undefined) return [];
  const { id, role, mediaType, text } = words;
  return [{ id, role, mediaType, text: firstCharacters(text, most) }];
}

/** A communication after one more event of its stream. */
export function communicationAfter(state: CommunicationState, event: RecordedEvent): CommunicationState {
  switch (event.type) {
    case 'CommunicationLinked':
    case 'CommunicationUnlinked':
      return { ...state, links: linkedAfter(state.links, event) };
    case 'CommunicationAmended': {
      const { changed: { outcome: _, ...changed }, by } = event.data;
      const standing = amendContent(state.standing, { ...changed, ...shortened(changed) }, event.metadata.effectiveAt);
      return { ...state, standing, amended: { times: (state.amended?.times ?? 0) + 1, at: event.metadata.occurredAt, by } };
    }
    case 'CommunicationRetracted':
      return { ...state, retracted: { at: event.metadata.occurredAt, by: event.data.by, reason: event.data.reason.code } };
    case 'DeliveryReported':
      return { ...state, delivery: shownReport([...(state.delivery === null ? [] : [state.delivery]), event.data]) ?? null };
    case 'AnnotationAdded':
      return { ...state, annotations: [...state.annotations.filter((id) => id !== event.data.id), event.data.id] };
    case 'AnnotationRemoved':
      return { ...state, annotations: state.annotations.filter((id) => id !== event.data.id) };
    default:
      return state;
  }
}

/** The state that a transaction begins with. */
export function recorded({ data, metadata }: RecordedEvent<'TransactionRecorded'>): TransactionState {
  return {
    of: 'transaction',
    department: metadata.department,
    at: Date.parse(metadata.occurredAt),
    parties: data.parties,
    transactionKind: data.kind,
    number: data.number ?? null,
    issuedOn: data.issuedOn,
    currency: data.currency,
    totalMinor: data.totalMinor,
    lines: data.lines.length,
    cancelled: false,
  };
}

/** A transaction after one more event of its stream. */
export function transactionAfter(state: TransactionState, event: RecordedEvent): TransactionState {
  if (event.type === 'TransactionCancelled') return { ...state, cancelled: true };
  if (event.type !== 'TransactionAttributed' && event.type !== 'TransactionUnattributed') return state;
  const { party } = event.data;
  const others = state.parties.filter(({ customerId, role }) => customerId !== party.customerId || role !== party.role);
  return { ...state, parties: event.type === 'TransactionAttributed' ? [...others, party] : others };
}
