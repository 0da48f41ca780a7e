import { amendContent, type AnnalsEvent, type CustomerCard, type RecordedEvent, type StandingContent } from '@annals/contracts';

import { linkedAfter, linkedAtFirst, type Linked } from '../linked.js';
import type { CustomerState } from './customer.state.js';
import type { FollowUpState } from '../follow-ups/follow-up.state.js';

/** What the card keeps of a communication: enough to take it back. */
export interface CommunicationState {
  readonly of: 'communication';
  readonly department: string;
  /** Medium and time, and nothing else. */
  readonly standing: StandingContent;
  readonly links: readonly Linked[];
  readonly retracted: boolean;
}

type Transaction = AnnalsEvent<'TransactionRecorded'>['data'];

/** What the card keeps of a transaction: enough to take it back, and to show it. */
export interface TransactionState {
  readonly of: 'transaction';
  readonly department: string;
  readonly at: number;
  readonly kind: Transaction['kind'];
  readonly number: string | null;
  readonly issuedOn: string;
  readonly currency: string;
  readonly totalMinor: number;
  readonly parties: Transaction['parties'];
  readonly related: CustomerCard['latestTransactions'][number]['related'];
  readonly cancelled: boolean;
}

/** What the card keeps of one stream; nothing of memberships and segmentations, whose rows say it all. */
export type CardState = CustomerState | CommunicationState | TransactionState | FollowUpState;

/** The state that a communication begins with. */
export function logged({ data, metadata }: RecordedEvent<'CommunicationLogged'>): CommunicationState {
  const { medium, direction, purpose, startedAt, subjects } = data;
  const content = { medium, direction, purpose, startedAt, participants: [], parts: [] };
  return { of: 'communication', department: metadata.department, standing: { content, since: {} }, links: linkedAtFirst(subjects), retracted: false };
}

/** A communication after one more event of its stream. */
export function communicationAfter(state: CommunicationState, event: RecordedEvent): CommunicationState {
  switch (event.type) {
    case 'CommunicationAmended': {
      const { medium, startedAt } = event.data.changed;
      return { ...state, standing: amendContent(state.standing, { medium, startedAt }, event.metadata.effectiveAt) };
    }
    case 'CommunicationLinked':
    case 'CommunicationUnlinked':
      return { ...state, links: linkedAfter(state.links, event) };
    case 'CommunicationRetracted':
      return { ...state, retracted: true };
    default:
      return state;
  }
}

/** The state that a transaction begins with. */
export function recorded({ data, metadata }: RecordedEvent<'TransactionRecorded'>): TransactionState {
  const { kind, number, issuedOn, currency, totalMinor, parties, related } = data;
  const shown = (related ?? []).slice(0, 20).map(({ id, kind: how, amountMinor }) => ({ id, kind: how, amountMinor: amountMinor ?? null }));
  return {
    of: 'transaction',
    department: metadata.department,
    at: Date.parse(metadata.occurredAt),
    kind,
    number: number ?? null,
    issuedOn,
    currency,
    totalMinor,
    parties,
    related: shown,
    cancelled: false,
  };
}

/** A transaction after one more event of its stream. */
export function transactionAfter(state: TransactionState, event: RecordedEvent): TransactionState {
  switch (event.type) {
    case 'TransactionCancelled':
      return { ...state, cancelled: true };
    case 'TransactionAttributed':
      return { ...state, parties: [...withoutParty(state.parties, event.data.party), event.data.party] };
    case 'TransactionUnattributed':
      return { ...state, parties: withoutParty(state.parties, event.data.party) };
    default:
      return state;
  }
}

type Party = Transaction['parties'][number];

const withoutParty = (parties: readonly Party[], { customerId, role }: Party): Party[] =>
  parties.filter((party) => party.customerId !== customerId || party.role !== role);
