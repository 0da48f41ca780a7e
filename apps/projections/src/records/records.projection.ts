import { CATEGORIES, idOf, MISSED_DISPOSITIONS, type ExternalReference, type RecordedEvent } from '@annals/contracts';
import type { Step } from '@annals/read-models';

import { membership } from '../card/card.projection.js';
import { valueOf, type CustomerState } from '../card/customer.state.js';
import { assignedAndTagged } from '../customers/customers.projection.js';
import { customersOf } from '../linked.js';
import { conversationId } from '../timeline/timeline.projection.js';
import type { Combined, ConcernedChange, RecordsChange, RecordValues } from './records.changes.js';
import { after, begun, type CommunicationState, type RecordsState, type TransactionState } from './records.state.js';

const COMMUNICATION = CATEGORIES.indexOf('communication');
const TRANSACTION = CATEGORIES.indexOf('transaction');

/** What one more event makes of its stream, and what it changes in lists and reports. */
export function recordsStep(state: RecordsState | undefined, event: RecordedEvent): Step<RecordsState, RecordsChange> {
  if (event.type === 'SegmentMembershipChanged') return { state, changes: [membership(event)] };
  const now = state === undefined ? begun(event) : after(state, event);
  const id = idOf(event.stream);
  return { state: now, changes: now === undefined ? [] : changesOf(id, state, now) };
}

function changesOf(id: string, before: RecordsState | undefined, now: RecordsState): RecordsChange[] {
  if (now.of === 'customer') return difference(before?.of === 'customer' ? rowsOfCustomer(id, before) : [], rowsOfCustomer(id, now));
  return changesOfRecord(id, before?.of === 'customer' ? undefined : before, now);
}

function changesOfRecord(id: string, before: CommunicationState | TransactionState | undefined, now: CommunicationState | TransactionState): RecordsChange[] {
  const [old, values] = [before === undefined ? null : valuesOf(id, before), valuesOf(id, now)];
  const isSame = old !== null && JSON.stringify(old) === JSON.stringify(values);
  const record: RecordsChange[] = isSame ? [] : [{ to: 'record', now: values, before: old }];
  return [...record, ...difference(before === undefined ? [] : concernedBy(id, before), concernedBy(id, now))];
}

/** Rows that are as they were are left alone, and one that is replaced whole needs no taking back. */
function difference<Row extends RecordsChange>(old: readonly Row[], now: readonly Row[]): Row[] {
  const [had, has] = [new Set(old.map(keyOf)), new Set(now.map(keyOf))];
  const gone = old.filter((row) => 'present' in row && !has.has(keyOf(row)));
  return [...gone.map((row) => ({ ...row, present: false })), ...now.filter((row) => !had.has(keyOf(row)))];
}

const keyOf = (row: RecordsChange): string => JSON.stringify(row);

function rowsOfCustomer(id: string, state: CustomerState): RecordsChange[] {
  const { department, profile } = state;
  return [{ to: 'customer', id, department, country: valueOf(profile.country) }, ...assignedAndTagged(id, state)];
}

function concernedBy(id: string, state: CommunicationState | TransactionState): ConcernedChange[] {
  const { department } = state;
  const isCommunication = state.of === 'communication';
  const customers = isCommunication ? customersOf(state.links) : [...new Set(state.parties.map(({ customerId }) => customerId))].sort();
  const at = isCommunication ? Date.parse(state.standing.content.startedAt) : state.at;
  const category = isCommunication ? COMMUNICATION : TRANSACTION;
  return customers.map((customer) => ({ to: 'concerned', customer, category, at, id, department, present: true }));
}

/** What means nothing for a record of the other kind. */
const NOTHING = {
  medium: null, platform: null, direction: null, purpose: null, disposition: null, call: null, retracted: null,
  kind: null, currency: null, cancelled: null,
} satisfies Partial<Combined>;

const valuesOf = (id: string, state: CommunicationState | TransactionState): RecordValues =>
  state.of === 'communication' ? ofCommunication(id, state) : ofTransaction(id, state);

function ofCommunication(id: string, state: CommunicationState): RecordValues {
  const { department, reference, links, retracted, standing: { content } } = state;
  const { medium, platform = null, direction, purpose, disposition = null, startedAt } = content;
  const [call, answerMs] = callOf(content);
  return {
    ...NOTHING,
    category: COMMUNICATION,
    department,
    medium,
    platform,
    direction,
    purpose,
    disposition,
    call,
    retracted: retracted === null ? null : retracted.by,
    concerns: links.length > 0,
    id,
    at: Date.parse(startedAt),
    amountMinor: null,
    reference: written(reference),
    number: null,
    ...turnOf(state),
    answerMs,
  };
}

/** In which conversation whose turn it was; what staff retracted was none. */
function turnOf({ retracted, standing: { content: { conversation, direction } } }: CommunicationState): Pick<RecordValues, 'conversation' | 'turn'> {
  if (conversation === undefined) return { conversation: null, turn: null };
  const isTurn = direction !== 'internal' && retracted?.by !== 'staff';
  return { conversation: conversationId(conversation), turn: isTurn ? direction : null };
}

/** Whether an inbound call was answered, and after how long. */
function callOf({ medium, direction, startedAt, answeredAt, disposition }: CommunicationState['standing']['content']): [Combined['call'], number | null] {
  if (medium !== 'voice' || direction !== 'inbound') return [null, null];
  // Clocks of two machines may differ by more than it took.
  if (answeredAt !== undefined) return ['answered', Math.max(0, Date.parse(answeredAt) - Date.parse(startedAt))];
  if (disposition === 'answered') return ['answered', null];
  return [MISSED_DISPOSITIONS.has(disposition ?? '') ? 'missed' : null, null];
}

function ofTransaction(id: string, state: TransactionState): RecordValues {
  const { department, reference, at, kind, number, currency, totalMinor, cancelled, parties } = state;
  return {
    ...NOTHING,
    category: TRANSACTION,
    department,
    kind,
    currency,
    cancelled,
    concerns: parties.length > 0,
    id,
    at,
    amountMinor: totalMinor,
    reference: written(reference),
    number,
    conversation: null,
    turn: null,
    answerMs: null,
  };
}

/** A reference as one text; a system's code holds no colon. */
const written = (reference: ExternalReference | null): string | null => (reference === null ? null : `${reference.system}:${reference.id}`);
