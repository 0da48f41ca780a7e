import { idOf, type RecordedEvent } from '@annals/contracts';
import type { Step } from '@annals/read-models';

import { customerRows, type DigestOf } from '../customers/customers.projection.js';
import { followUpAfter, scheduled } from '../follow-ups/follow-up.state.js';
import { followUpRow } from '../follow-ups/follow-ups.projection.js';
import { customersOf, inOrder } from '../linked.js';
import type { CardChange, ChangesTo, MembershipChange } from './card.changes.js';
import { communicationAfter, logged, recorded, transactionAfter, type CardState, type CommunicationState, type TransactionState } from './card.state.js';
import { customerAfter, registered } from './customer.state.js';

type Next = Step<CardState, CardChange>;

/**
 * What one more event makes of its stream, and what it changes on cards and in the lists of customers.
 *
 * @param digestOf - how a contact point is kept where it is looked up
 */
export const cardStep =
  (digestOf: DigestOf) =>
  (state: CardState | undefined, event: RecordedEvent): Next => {
    switch (event.type) {
      case 'SegmentationTrained':
        return { state, changes: segmentNames(event) };
      case 'SegmentMembershipChanged':
        return { state, changes: [membership(event)] };
      default: {
        const after = stateAfter(state, event);
        const id = idOf(event.stream);
        const changes = difference(state && rowsOf(id, state, digestOf), after && rowsOf(id, after, digestOf));
        const record = sourceRecord(event);
        if (record !== undefined) changes.push(record);
        return { state: after, changes };
      }
    }
  };

function stateAfter(state: CardState | undefined, event: RecordedEvent): CardState | undefined {
  switch (event.type) {
    case 'CustomerRegistered':
      return registered(event);
    case 'CommunicationLogged':
      return logged(event);
    case 'TransactionRecorded':
      return recorded(event);
    case 'FollowUpScheduled':
      return scheduled(event);
    default:
      return state && evolved(state, event);
  }
}

function evolved(state: CardState, event: RecordedEvent): CardState {
  switch (state.of) {
    case 'customer':
      return customerAfter(state, event);
    case 'communication':
      return communicationAfter(state, event);
    case 'transaction':
      return transactionAfter(state, event);
    case 'followup':
      return followUpAfter(state, event);
  }
}

/** What a stream has in the tables changes from what it had before to what it has now. */
function difference(old: readonly CardChange[] = [], now: readonly CardChange[] = []): CardChange[] {
  if (old.length === 0) return [...now];
  const kept = new Set(now.map(keyOfRow));
  const had = new Set(old.map(keyOfRow));
  return [
    ...old.filter((row) => !kept.has(keyOfRow(row))).flatMap(takenBack),
    ...now.filter((row) => !had.has(keyOfRow(row))),
  ];
}

const keyOfRow = (row: CardChange): string => JSON.stringify(row);

/** A row that is replaced whole needs no taking back. */
function takenBack(row: CardChange): CardChange[] {
  if (row.to === 'total') return [{ ...row, count: -row.count, amountMinor: -row.amountMinor }];
  return 'present' in row ? [{ ...row, present: false }] : [];
}

function rowsOf(id: string, state: CardState, digestOf: DigestOf): CardChange[] {
  switch (state.of) {
    case 'customer':
      return customerRows(id, state, digestOf);
    case 'communication':
      return communicationRows(id, state);
    case 'transaction':
      return transactionRows(id, state);
    case 'followup':
      return [followUpRow(id, state)];
  }
}

/** What no longer counts counts nothing, but its key stays: whether a row is there must not depend on what came in one batch. */
function communicationRows(communication: string, { links, department, standing, retracted }: CommunicationState): CardChange[] {
  const { medium, startedAt } = standing.content;
  const at = Date.parse(startedAt);
  const changes: CardChange[] = [];
  for (const customer of customersOf(links)) {
    changes.push(
      { to: 'total', customer, department, what: 'communication', unit: medium, count: retracted ? 0 : 1, amountMinor: 0 },
      { to: 'contact', customer, medium, at, communication, department, present: !retracted },
    );
  }
  return changes;
}

function transactionRows(transaction: string, state: TransactionState): CardChange[] {
  const { department, at, kind, currency, totalMinor, parties, cancelled } = state;
  // Who only receives the goods neither ordered nor owes them.
  const owing = new Set(parties.filter(({ role }) => role !== 'recipient').map(({ customerId }) => customerId));
  const [count, amountMinor] = cancelled ? [0, 0] : [1, totalMinor];
  const changes: CardChange[] = [];
  for (const customer of inOrder(parties.map(({ customerId }) => customerId))) {
    if (owing.has(customer)) changes.push({ to: 'total', customer, department, what: kind, unit: currency, count, amountMinor });
    changes.push({ to: 'bought', customer, at, transaction, department, present: true });
  }
  return changes;
}

/** Records by source system, whatever becomes of them: what an import is reconciled with. */
function sourceRecord(event: RecordedEvent): ChangesTo<'source'> | undefined {
  const { department, source } = event.metadata;
  if (source === undefined) return undefined;
  const { system } = source;
  const counted = { to: 'source', system, department, unit: '', count: 1, amountMinor: 0, lines: 0 } as const;
  switch (event.type) {
    case 'CustomerRegistered':
      return { ...counted, what: 'customer' };
    case 'CommunicationLogged':
      return { ...counted, what: 'communication' };
    case 'TransactionRecorded': {
      const { kind, currency, totalMinor, lines } = event.data;
      return { ...counted, what: kind, unit: currency, amountMinor: totalMinor, lines: lines.length };
    }
    default:
      return undefined;
  }
}

function segmentNames({ data }: RecordedEvent<'SegmentationTrained'>): CardChange[] {
  return data.segments.map(({ id, name }) => ({ to: 'segment', id, en: name.en, zh: name.zh }));
}

/** The segment that a customer is in from now on. */
export function membership(event: RecordedEvent<'SegmentMembershipChanged'>): MembershipChange {
  const { data, metadata } = event;
  return {
    to: 'membership',
    customer: idOf(event.stream),
    segmentation: data.segmentation,
    segment: data.to ?? null,
    since: Date.parse(metadata.effectiveAt),
    model: data.model,
    department: metadata.department,
  };
}
