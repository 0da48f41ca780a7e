import { ERASED, type AnnalsEvent, type RecordedEvent } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { CardChange } from './card.changes.js';
import { cardStep } from './card.projection.js';
import type { CardState } from './card.state.js';
import { cardOf } from './card.view.js';
import { written } from './registers.js';
import { searchForm, searchForms } from '../customers/search-forms.js';

const ADA = '00000000-0000-4000-8000-00000000000a';
const BO = '00000000-0000-4000-8000-00000000000b';
const RECORD = '00000000-0000-4000-8000-00000000000f';

interface About {
  readonly department?: string;
  readonly effectiveAt?: string;
  readonly system?: string;
}

/** Folds events of one stream, each a position after the other, and gives the state and all changes. */
function folded(stream: string, events: readonly (AnnalsEvent & About)[]): { state: CardState | undefined; changes: CardChange[] } {
  let state: CardState | undefined;
  const changes: CardChange[] = [];
  for (const [index, { department = 'default', effectiveAt = '2024-05-01T00:00:00.000Z', system, ...event }] of events.entries()) {
    const metadata = {
      format: 1, actor: { id: 'x', kind: 'unverified', assurance: 'none' }, department, occurredAt: effectiveAt, precision: 'instant', effectiveAt,
      commandId: RECORD, fingerprint: '0', correlationId: RECORD, ...(system !== undefined && { source: { system } }),
    };
    const recorded = { ...event, stream, revision: index, position: index + 1, id: RECORD, recordedAt: 0, metadata } as RecordedEvent;
    // What is kept between batches has been JSON.
    const step = cardStep((kind, form) => `${kind} ${form}`)(state === undefined ? undefined : (JSON.parse(JSON.stringify(state)) as CardState), recorded);
    state = step.state;
    changes.push(...step.changes);
  }
  return { state, changes };
}

const totals = (changes: readonly CardChange[], customer: string): Record<string, [count: number, amountMinor: number]> => {
  const sums: Record<string, [number, number]> = {};
  for (const change of changes) {
    if (change.to !== 'total' || change.customer !== customer) continue;
    const key = `${change.what} ${change.unit}`;
    const [count, amount] = sums[key] ?? [0, 0];
    sums[key] = [count + change.count, amount + change.amountMinor];
  }
  return sums;
};

const recorded = (kind: AnnalsEvent<'TransactionRecorded'>['data']['kind'], totalMinor: number, parties = [ADA]): AnnalsEvent<'TransactionRecorded'> => ({
  type: 'TransactionRecorded',
  data: { kind, parties: parties.map((customerId) => ({ customerId, role: 'buyer' })), issuedOn: '2024-05-01', currency: 'GBP', lines: [], totalMinor },
});
const cancelled: AnnalsEvent<'TransactionCancelled'> = { type: 'TransactionCancelled', data: { reason: { code: 'mistake' } } };
const registered = (data: Partial<AnnalsEvent<'CustomerRegistered'>['data']> = {}): AnnalsEvent<'CustomerRegistered'> => ({
  type: 'CustomerRegistered',
  data: { kind: 'person', contactPoints: [], ...data },
});

describe('the card', () => {
  it('counts a transaction for each party that orders or owes, once', () => {
    const event = recorded('invoice', 250, [ADA, ADA, BO]);
    event.data.parties.push({ customerId: RECORD, role: 'recipient' });
    const { changes } = folded(`transaction-${RECORD}`, [event]);
    expect([ADA, BO, RECORD].map((id) => totals(changes, id))).toEqual([{ 'invoice GBP': [1, 250] }, { 'invoice GBP': [1, 250] }, {}]);
  });

  it('takes back what a cancelled transaction added, but not that it was recorded', () => {
    const { changes } = folded(`transaction-${RECORD}`, [{ ...recorded('invoice', 250), system: 'shop' }, cancelled]);
    expect(totals(changes, ADA)).toEqual({ 'invoice GBP': [0, 0] });
    expect(changes.filter(({ to }) => to === 'source')).toEqual([
      { to: 'source', system: 'shop', department: 'default', what: 'invoice', unit: 'GBP', count: 1, amountMinor: 250, lines: 0 },
    ]);
  });

  it('counts a communication for whoever is linked to it, however often', () => {
    const subject = (customer: string) => ({ ref: { customer }, as: 'party' as const, linkedBy: 'x', basis: 'person' as const });
    const { changes } = folded(`communication-${RECORD}`, [
      {
        type: 'CommunicationLogged',
        data: { medium: 'email', direction: 'inbound', purpose: 'sales', participants: [], subjects: [subject(ADA)], startedAt: '2024-05-01T10:00:00.000Z', parts: [] },
      },
      { type: 'CommunicationLinked', data: { subject: subject(BO) } },
      { type: 'CommunicationLinked', data: { subject: subject(BO) } },
    ]);
    expect([ADA, BO].map((id) => totals(changes, id))).toEqual([{ 'communication email': [1, 0] }, { 'communication email': [1, 0] }]);
    expect(changes.filter(({ to }) => to === 'contact').map((change) => 'customer' in change && change.customer)).toEqual([ADA, BO]);
  });

  it('keeps a newer value when an older change is told later', () => {
    const { state } = folded(`customer-${ADA}`, [
      registered({ country: 'FR' }),
      { type: 'CustomerProfileChanged', data: { country: 'GB', language: 'en' }, effectiveAt: '2024-06-01T00:00:00.000Z' },
      { type: 'CustomerProfileChanged', data: { country: 'CN', language: null }, effectiveAt: '2024-05-15T00:00:00.000Z' },
    ]);
    if (state?.of !== 'customer') throw new Error('this is a customer');
    const card = cardOf(ADA, { customer: { state, revision: 2 }, figures: [], segments: [], transactions: [], followUps: [] });
    expect([card.country, card.language, card.revision]).toEqual(['GB', 'en', 2]);
  });

  it('shows sums before the customer is registered', () => {
    const figures = [{ what: 'refund', unit: 'GBP', department: 'emea', count: 1, amountMinor: 100, lastAt: null }];
    expect(cardOf(ADA, { customer: null, figures, segments: [], transactions: [], followUps: [] })).toMatchObject({
      id: ADA, kind: null, department: 'emea', revision: -1, registeredAt: null,
      amounts: [{ currency: 'GBP', orderedMinor: 0, billedMinor: 0, paidMinor: -100 }],
      transactions: { refund: 1 },
    });
  });

  it('adds credit notes and adjustments to what is billed, as they are signed', () => {
    const figure = (what: string, amountMinor: number) => ({ what, unit: 'GBP', department: 'emea', count: 1, amountMinor, lastAt: null });
    const { amounts } = cardOf(ADA, { customer: null, figures: [figure('invoice', 500), figure('credit-note', -200), figure('adjustment', 7)], segments: [], transactions: [], followUps: [] });
    expect(amounts).toEqual([{ currency: 'GBP', orderedMinor: 0, billedMinor: 307, paidMinor: 0 }]);
  });

  it('forgets the forms of a name that is erased or taken away', () => {
    const renamed = folded(`customer-${ADA}`, [
      registered({ name: { full: 'Ada Lovelace' } }),
      { type: 'CustomerProfileChanged', data: { name: ERASED } },
    ]);
    const names = renamed.changes.filter((change) => change.to === 'name');
    expect(names.map(({ name, present }) => `${present ? '+' : '-'}${name}`)).toEqual(['+ada lovelace', '+lovelace', '-ada lovelace', '-lovelace']);
  });
});

describe('a register', () => {
  it('comes out the same in whatever order it is written', () => {
    const writes = fc.array(fc.record({ value: fc.nat(), effectiveAt: fc.integer({ min: 1, max: 4 }), position: fc.nat() }), { minLength: 1 });
    fc.assert(
      fc.property(writes.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))), ([told, shuffled]) => {
        const distinct = (list: typeof told) => [...new Map(list.map((write) => [write.position, write])).values()];
        const fold = (list: typeof told) =>
          list.reduce<ReturnType<typeof written<number>> | undefined>(
            (register, { value, effectiveAt, position }) => written(register, value, { position, metadata: { effectiveAt: new Date(effectiveAt).toISOString() } }),
            undefined,
          );
        const known = new Set(distinct(told));
        expect(fold(shuffled.filter((write) => known.has(write)))).toEqual(fold(distinct(told)));
      }),
    );
  });
});

describe('search forms', () => {
  it('leave out case, accents and width, and keep other scripts', () => {
    expect(['  Zoë  ÅNGSTRÖM', 'STRAẞE', 'Øre', 'ＡＢＣ', '王小明', 'İzmir', 'Ёлка'].map(searchForm)).toEqual(['zoe angstrom', 'strasse', 'ore', 'abc', '王小明', 'izmir', 'елка']);
  });

  it('find a name from each of its words on, and by family name', () => {
    expect(searchForms({ full: 'Mary Ann Evans', family: 'Evans', given: 'Mary Ann' })).toEqual([
      'mary ann evans', 'ann evans', 'evans', 'mary ann', 'evans mary ann', 'evansmary ann',
    ]);
    expect(searchForms({ full: '王小明', family: '王', given: '小明' })).toContain('小明');
  });

  it('are stable, bounded and well-formed for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const form = searchForm(text);
        expect(form.isWellFormed()).toBe(true);
        expect([...form].length).toBeLessThanOrEqual(60);
      }),
    );
  });
});
