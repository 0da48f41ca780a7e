import type { CustomerCard } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';

import { cardView } from './card-view.js';
import { Clock } from './format.js';

const clock = new Clock('Europe/London');
const order = '0192d3a0-0000-7000-8000-00000000000a';

const bare: CustomerCard = {
  id: '0192d3a0-0000-7000-8000-000000000001', kind: 'person', department: 'emea/uk', name: { full: 'Wang <Xiaoming>' }, names: {}, language: null,
  country: 'GB', zone: null, birthday: null, attributes: {}, contactPoints: [], references: [], assignments: [], tags: [], active: true,
  objectsToProfiling: false, registeredAt: null, amounts: [], transactions: {}, latestTransactions: [], contacts: [], followUps: [], segments: [], revision: 0,
};

const transaction = {
  at: '2026-03-03T10:00:00.000Z', department: 'emea/uk', issuedOn: '2026-03-03', currency: 'GBP', cancelled: false, roles: ['buyer' as const], related: [],
};

/** What answers have in the place of a text whose key was destroyed. */
const erased: string = JSON.parse('{"erased":true}');

const shown = (card: Partial<CustomerCard>): string => cardView({ ...bare, ...card }, clock).markup;

describe('the card of a customer as a page', () => {
  it('leaves away what there is nothing of', () => {
    const page = shown({});
    for (const heading of ['Who looks after them', 'To be done', 'Latest transactions', 'Attributes']) expect(page).not.toContain(heading);
    expect(page).toContain('Wang &lt;Xiaoming&gt;');
  });

  it('says who looks after the customer, in which role', () => {
    const assignments = [{ role: 'account-owner', staffId: 'staff-7', department: 'emea' }, { role: 'collector', staffId: null, department: 'emea/uk/debts' }];
    expect(shown({ assignments })).toMatch(/account owner<\/td><td>staff-7<.*collector<\/td><td>emea\/uk\/debts</s);
  });

  it('names the transaction that another has to do with by its number, or by its id where it is not shown', () => {
    const latestTransactions = [
      { ...transaction, id: '0192d3a0-0000-7000-8000-00000000000b', kind: 'invoice', number: 'I-1', totalMinor: 12_50, related: [{ id: order, kind: 'order', amountMinor: null }] },
      { ...transaction, id: order, kind: 'order', number: 'O-9', totalMinor: 12_50, cancelled: true },
    ];
    const page = shown({ latestTransactions });
    expect(page).toMatch(/invoice I-1 <span class="soft small">order O-9<.*£12\.50/s);
    expect(page).toContain('<tr class="gone"><td class="soft date">2026-03-03</td><td>order O-9');
    expect(shown({ latestTransactions: latestTransactions.slice(0, 1) })).toContain('order 0192d3a0');
  });

  it('shows what is to be done, and a text that was erased as such', () => {
    const followUp = { id: order, department: 'emea', dueAt: '2026-04-01T08:00:00.000Z', zone: null, subject: null, communication: null, status: 'open' as const, revision: 0 };
    const page = shown({
      followUps: [
        { ...followUp, assignee: { staffId: 'staff-7' }, text: 'Call <back>' },
        { ...followUp, assignee: { department: 'emea/uk' }, text: erased },
      ],
    });
    expect(page).toMatch(/1 Apr 2026.*Call &lt;back&gt;.*staff-7.*class="erased".*emea\/uk/s);
  });

  it('marks a customer for whom nothing is to be done, or who wants no profile', () => {
    expect(shown({ active: false, objectsToProfiling: true, tags: ['vip'] })).toMatch(/deactivated<.*objects to profiling<.*#vip/s);
  });
});
