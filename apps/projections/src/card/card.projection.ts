import { idOf, type RecordedEvent } from '@annals/contracts';
import type { Step } from '@annals/read-models';

import { begun, linkedCustomers, withProfile, type CardState, type CustomerState } from './card.state.js';
import type { CardChange, ChangesTo } from './card.changes.js';
import { searchForms } from './search-forms.js';

type Next = Step<CardState, CardChange>;

/** What one more event makes of its stream, and what it changes on cards. */
export function cardStep(state: CardState | undefined, event: RecordedEvent): Next {
  switch (event.type) {
    case 'CustomerRegistered':
    case 'CommunicationLogged':
    case 'TransactionRecorded': {
      const after = begun(event);
      const changes = contributions(idOf(event.stream), after);
      const record = sourceRecord(event);
      if (record !== undefined) changes.push(record);
      return { state: after, changes };
    }
    case 'SegmentationTrained':
      return { state, changes: segmentNames(event) };
    case 'SegmentMembershipChanged':
      return { state, changes: [membership(event)] };
    default: {
      const after = state === undefined ? undefined : evolved(state, event);
      return { state: after, changes: difference(idOf(event.stream), state, after) };
    }
  }
}

function evolved(state: CardState, event: RecordedEvent): CardState {
  switch (event.type) {
    case 'CustomerProfileChanged':
      return state.of === 'customer' ? withProfile(state, event, event.data) : state;
    case 'ContactPointAdded':
      return state.of === 'customer' ? withContactPoint(state, event) : state;
    case 'CommunicationLinked':
      return state.of === 'communication' ? { ...state, customers: linkedCustomers(state.customers, [event.data.subject]) } : state;
    case 'TransactionCancelled':
      return state.of === 'transaction' ? { ...state, cancelled: true } : state;
    default:
      return state;
  }
}

function withContactPoint(state: CustomerState, { data }: RecordedEvent<'ContactPointAdded'>): CustomerState {
  return { ...state, contactPoints: [...state.contactPoints.filter(({ id }) => id !== data.id), data] };
}

/** What a stream contributes to cards changes from what it did before to what it does now. */
function difference(id: string, before: CardState | undefined, after: CardState | undefined): CardChange[] {
  const old = before === undefined ? [] : contributions(id, before);
  const now = after === undefined ? [] : contributions(id, after);
  if (old.length === 0) return now;
  const kept = new Set(now.map(keyOfRow));
  const had = new Set(old.map(keyOfRow));
  return [
    ...old.filter((change) => change.to === 'total' || !kept.has(keyOfRow(change))).map(takenBack),
    ...now.filter((change) => change.to === 'total' || !had.has(keyOfRow(change))),
  ];
}

const keyOfRow = (change: CardChange): string => (change.to === 'total' ? '' : JSON.stringify(change));

function takenBack(change: CardChange): CardChange {
  if (change.to === 'total') return { ...change, count: -change.count, amountMinor: -change.amountMinor };
  return change.to === 'contact' || change.to === 'name' ? { ...change, present: false } : change;
}

function contributions(id: string, state: CardState): CardChange[] {
  switch (state.of) {
    case 'customer':
      return ofCustomer(id, state);
    case 'communication':
      return state.customers.flatMap((customer): CardChange[] => {
        const { department, medium, at } = state;
        return [
          { to: 'total', customer, department, what: 'communication', unit: medium, count: 1, amountMinor: 0 },
          { to: 'contact', customer, medium, at, communication: id, department, present: true },
        ];
      });
    case 'transaction':
      return state.customers.map((customer): CardChange => {
        const { department, kind, currency, totalMinor, cancelled } = state;
        // A cancelled transaction counts nothing, but its key stays: whether a row is there must not depend on
        // whether both events came in one batch.
        const [count, amountMinor] = cancelled ? [0, 0] : [1, totalMinor];
        return { to: 'total', customer, department, what: kind, unit: currency, count, amountMinor };
      });
  }
}

function ofCustomer(customer: string, { department, profile, references }: CustomerState): CardChange[] {
  const names = searchForms(profile.name?.[0] ?? null);
  return [
    ...names.map((name): CardChange => ({ to: 'name', customer, name, department, present: true })),
    ...references.map(({ system, id }): CardChange => ({ to: 'reference', system, id, customer, department })),
  ];
}

/** Records by source system, whatever becomes of them: what an import is reconciled with. */
function sourceRecord(event: RecordedEvent<'CustomerRegistered' | 'CommunicationLogged' | 'TransactionRecorded'>): ChangesTo<'source'> | undefined {
  const { department, source } = event.metadata;
  if (source === undefined) return undefined;
  const { system } = source;
  if (event.type !== 'TransactionRecorded') {
    const what = event.type === 'CustomerRegistered' ? 'customer' : 'communication';
    return { to: 'source', system, department, what, unit: '', count: 1, amountMinor: 0, lines: 0 };
  }
  const { kind, currency, totalMinor, lines } = event.data;
  return { to: 'source', system, department, what: kind, unit: currency, count: 1, amountMinor: totalMinor, lines: lines.length };
}

function segmentNames({ data }: RecordedEvent<'SegmentationTrained'>): CardChange[] {
  return data.segments.map(({ id, name }) => ({ to: 'segment', id, en: name.en, zh: name.zh }));
}

function membership(event: RecordedEvent<'SegmentMembershipChanged'>): CardChange {
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
