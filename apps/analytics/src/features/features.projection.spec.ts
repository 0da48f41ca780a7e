import type { AnnalsEvent, RecordedEvent } from '@annals/contracts';
import { recorded } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';

import { featuresStep, type FeatureChange, type FeatureState } from './features.projection.js';

const customer = '00000000-0000-4000-8000-000000000001';
const other = '00000000-0000-4000-8000-000000000002';
const record = '00000000-0000-4000-8000-00000000000a';

type Transaction = AnnalsEvent<'TransactionRecorded'>;

const transaction = (kind: Transaction['data']['kind'], totalMinor: number): Transaction => ({
  type: 'TransactionRecorded',
  data: { kind, parties: [{ customerId: customer, role: 'buyer' }], issuedOn: '2011-12-09', currency: 'GBP', lines: [], totalMinor },
});
const cancelled: AnnalsEvent = { type: 'TransactionCancelled', data: { reason: { code: 'mistake' } } };

const linked = (to: string): AnnalsEvent => ({
  type: 'CommunicationLinked',
  data: { subject: { ref: { customer: to }, as: 'party', linkedBy: 'x', basis: 'person' } },
});
const logged: AnnalsEvent = {
  type: 'CommunicationLogged',
  data: { medium: 'voice', direction: 'inbound', purpose: 'support', participants: [], subjects: [], startedAt: '2011-12-09T10:00:00.000Z', parts: [] },
};

/** The figures and dealings that a stream comes to. */
function folded(category: string, events: readonly AnnalsEvent[]): { figures: Record<string, number>; dealings: string[] } {
  const metadata = { effectiveAt: '2011-12-09T10:00:00.000Z', department: 'default' };
  const figures: Record<string, number> = {};
  const dealings = new Set<string>();
  let state: FeatureState | undefined;
  for (const event of recorded(events, { stream: `${category}-${record}` })) {
    const step = featuresStep(state, { ...event, metadata: { ...metadata } } as RecordedEvent);
    state = step.state;
    for (const change of step.changes) apply(change, figures, dealings);
  }
  return { figures, dealings: [...dealings] };
}

function apply(change: FeatureChange, figures: Record<string, number>, dealings: Set<string>): void {
  if (change.to === 'figure') {
    const key = [change.measure, change.unit, change.customer.at(-1)].filter((part) => part !== '').join(' ');
    figures[key] = (figures[key] ?? 0) + change.value;
  }
  if (change.to === 'dealing') dealings[change.present ? 'add' : 'delete'](change.customer);
}

describe('the features of a customer', () => {
  it('count an invoice and its sum', () => {
    expect(folded('transaction', [transaction('invoice', 1530)])).toEqual({
      figures: { 'invoices 1': 1, 'billed GBP 1': 1530 },
      dealings: [customer],
    });
  });

  it('add a credit note to the sum as it is recorded, and to no count', () => {
    expect(folded('transaction', [transaction('credit-note', -200)]).figures).toEqual({ 'billed GBP 1': -200 });
  });

  it('leave out what was ordered or paid', () => {
    expect(folded('transaction', [transaction('payment', 500)])).toEqual({ figures: {}, dealings: [] });
  });

  it('take back what a cancelled transaction added', () => {
    expect(folded('transaction', [transaction('invoice', 1530), cancelled])).toEqual({
      figures: { 'invoices 1': 0, 'billed GBP 1': 0 },
      dealings: [],
    });
  });

  it('count a communication for each customer that it is linked to, once', () => {
    expect(folded('communication', [logged, linked(customer), linked(customer), linked(other)])).toEqual({
      figures: { 'communications 1': 1, 'communications 2': 1 },
      dealings: [customer, other],
    });
  });

  it('name the customers that a cancellation touches', () => {
    const [first, second] = recorded([transaction('invoice', 1), cancelled], { stream: `transaction-${record}` });
    const metadata = { effectiveAt: '2011-12-09T10:00:00.000Z', department: 'default' };
    const { state } = featuresStep(undefined, { ...first, metadata } as RecordedEvent);
    const { changes } = featuresStep(state, { ...second, metadata } as RecordedEvent);
    expect(changes.filter((change) => change.to === 'touched').map((change) => change.customer)).toEqual([customer]);
  });
});
