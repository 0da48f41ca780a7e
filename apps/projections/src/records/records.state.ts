import { amendContent, type AnnalsEvent, type CommunicationSummary, type ExternalReference, type RecordedEvent, type StandingContent } from '@annals/contracts';

import { customerAfter, registered, UNREGISTERED, type CustomerState } from '../card/customer.state.js';
import { linkedAfter, linkedAtFirst, type Linked } from '../linked.js';
import { wordsAmong } from '../timeline/timeline.state.js';

/** How much of the words a list shows. */
const SHOWN_CHARACTERS = 200;

type Content = AnnalsEvent<'CommunicationLogged'>['data'];
type Transaction = AnnalsEvent<'TransactionRecorded'>['data'];

/** What is kept of a communication: what a list shows of it and chooses it by. */
export interface CommunicationState {
  readonly of: 'communication';
  readonly department: string;
  readonly reference: ExternalReference | null;
  /** As it stands, without those who took part, and with no more of the words than is shown. */
  readonly standing: StandingContent;
  readonly links: readonly Linked[];
  readonly retracted: CommunicationSummary['retracted'];
}

/** What is kept of a transaction. */
export interface TransactionState {
  readonly of: 'transaction';
  readonly department: string;
  readonly reference: ExternalReference | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: Transaction['kind'];
  readonly number: string | null;
  readonly issuedOn: string;
  readonly currency: string;
  readonly totalMinor: number;
  readonly lines: number;
  readonly country: string | null;
  readonly parties: Transaction['parties'];
  readonly cancelled: boolean;
}

/** What is kept of one stream; nothing of memberships, whose rows say it all. */
export type RecordsState = CommunicationState | TransactionState | CustomerState;

/** The state that a stream begins with. */
export function begun(event: RecordedEvent): RecordsState | undefined {
  switch (event.type) {
    case 'CommunicationLogged':
      return logged(event);
    case 'TransactionRecorded':
      return recorded(event);
    case 'CustomerRegistered':
      return chosenBy(registered(event));
    default:
      return undefined;
  }
}

/** The state after one more event of its stream. */
export function after(state: RecordsState, event: RecordedEvent): RecordsState {
  switch (state.of) {
    case 'communication':
      return communicationAfter(state, event);
    case 'transaction':
      return transactionAfter(state, event);
    case 'customer':
      return chosenBy(customerAfter(state, event));
  }
}

/** Of a customer only what records are chosen by, and the name. */
function chosenBy({ kind, department, profile, assignments, tags }: CustomerState): CustomerState {
  const { name, country } = profile;
  return { ...UNREGISTERED, kind, department, assignments, tags, profile: { ...(name && { name }), ...(country && { country }) } };
}

function logged({ data, metadata }: RecordedEvent<'CommunicationLogged'>): CommunicationState {
  const { subjects, reference, outcome: _, ...content } = data;
  return {
    of: 'communication',
    department: metadata.department,
    reference: reference ?? null,
    standing: { content: { ...content, ...shortened(content) }, since: {} },
    links: linkedAtFirst(subjects),
    retracted: null,
  };
}

interface Listed {
  readonly participants?: Content['participants'] | undefined;
  readonly parts?: Content['parts'] | undefined;
}

function shortened({ participants, parts }: Listed): Partial<Pick<Content, 'participants' | 'parts'>> {
  return { ...(participants !== undefined && { participants: [] }), ...(parts !== undefined && { parts: wordsAmong(parts, SHOWN_CHARACTERS) }) };
}

function communicationAfter(state: CommunicationState, event: RecordedEvent): CommunicationState {
  switch (event.type) {
    case 'CommunicationAmended': {
      const { outcome: _, ...changed } = event.data.changed;
      return { ...state, standing: amendContent(state.standing, { ...changed, ...shortened(changed) }, event.metadata.effectiveAt) };
    }
    case 'CommunicationLinked':
    case 'CommunicationUnlinked':
      return { ...state, links: linkedAfter(state.links, event) };
    case 'CommunicationRetracted':
      return { ...state, retracted: { at: event.metadata.occurredAt, by: event.data.by, reason: event.data.reason.code } };
    default:
      return state;
  }
}

function recorded({ data, metadata }: RecordedEvent<'TransactionRecorded'>): TransactionState {
  const { kind, issuedOn, currency, totalMinor, parties } = data;
  return {
    of: 'transaction',
    department: metadata.department,
    reference: data.reference ?? null,
    at: Date.parse(metadata.occurredAt),
    kind,
    number: data.number ?? null,
    issuedOn,
    currency,
    totalMinor,
    lines: data.lines.length,
    country: data.country ?? null,
    parties,
    cancelled: false,
  };
}

function transactionAfter(state: TransactionState, event: RecordedEvent): TransactionState {
  switch (event.type) {
    case 'TransactionCancelled':
      return { ...state, cancelled: true };
    case 'TransactionAttributed':
      return { ...state, parties: [...without(state.parties, event.data.party), event.data.party] };
    case 'TransactionUnattributed':
      return { ...state, parties: without(state.parties, event.data.party) };
    default:
      return state;
  }
}

type Party = Transaction['parties'][number];

const without = (parties: readonly Party[], { customerId, role }: Party): Party[] =>
  parties.filter((party) => party.customerId !== customerId || party.role !== role);
