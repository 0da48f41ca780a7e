import type { AnnalsEvent, CustomerEvent } from '@annals/contracts';
import { given, recorded } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '@annals/kernel';
import { addContactPoint } from './add-contact-point.js';
import { allowProfiling } from './allow-profiling.js';
import { assignCustomer } from './assign-customer.js';
import { changeProfile } from './change-profile.js';
import { customer, type Customer } from './customer.js';
import { deactivateCustomer } from './deactivate-customer.js';
import { dismissDuplicate } from './dismiss-duplicate.js';
import { objectToProfiling } from './object-to-profiling.js';
import { reactivateCustomer } from './reactivate-customer.js';
import { latest } from './registers.js';
import { removeContactPoint } from './remove-contact-point.js';
import { tagCustomer } from './tag-customer.js';
import { unassignCustomer } from './unassign-customer.js';
import { untagCustomer } from './untag-customer.js';
import { verifyContactPoint } from './verify-contact-point.js';
import { withdrawDismissal } from './withdraw-dismissal.js';

const point = { id: '00000000-0000-8000-8000-000000000001', kind: 'phone', raw: '60018' };
const elsewhere = '00000000-0000-8000-8000-000000000002';
const registered: CustomerEvent = { type: 'CustomerRegistered', data: { kind: 'person', contactPoints: [point] } };
const now = '2026-01-01T00:00:00.000Z';
const day = (year: number): string => `${year}-01-01T00:00:00.000Z`;

/** A customer of 1999 to whom these things happened, each from its own year on. */
const since = (...events: [number, CustomerEvent][]) =>
  given(customer, [[1999, registered] as [number, CustomerEvent], ...events].flatMap(([year, event], revision) => recorded<CustomerEvent>([event], { revision, position: revision + 1, metadata: { effectiveAt: day(year) } })));

const tagged = (tag: string): CustomerEvent => ({ type: 'CustomerTagged', data: { tag } });
const untagged = (tag: string): CustomerEvent => ({ type: 'CustomerUntagged', data: { tag } });
const assigned = (role: string, staffId: string): AnnalsEvent<'CustomerAssigned'> => ({ type: 'CustomerAssigned', data: { role, staffId, department: 'uk' } });

describe('names in several scripts', () => {
  const latin = { full: 'Wang Xiaoming', family: 'Wang' };

  it('are values of their own, beside the name', () => {
    given(customer, [registered])
      .when((state) => changeProfile({ name: { full: '王小明' }, names: { latn: latin } }, state, now))
      .then({ type: 'CustomerProfileChanged', data: { name: { full: '王小明' }, names: { latn: latin } } });
    const named: CustomerEvent = { type: 'CustomerProfileChanged', data: { names: { latn: latin } } };
    given(customer, [registered, named]).when((state) => changeProfile({ names: { latn: latin } }, state, now)).then();
    given(customer, [registered, named]).when((state) => changeProfile({ names: { latn: null, hans: null } }, state, now)).then({ type: 'CustomerProfileChanged', data: { names: { latn: null } } });
  });

  it('are ten at most', () => {
    const names = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`s${index}`, latin]));
    given(customer, [registered, { type: 'CustomerProfileChanged', data: { names } }]).when((state) => changeProfile({ names: { more: latin } }, state, now)).thenRejected('customer-names-full');
  });
});

describe('contact points', () => {
  const verified: CustomerEvent = { type: 'ContactPointVerified', data: { id: point.id, method: 'call' } };
  const removed: CustomerEvent = { type: 'ContactPointRemoved', data: { id: point.id } };

  it('are verified, once by each method', () => {
    given(customer, [registered]).when((state) => verifyContactPoint({ id: point.id, method: 'call' }, state, now)).then(verified);
    given(customer, [registered, verified]).when((state) => verifyContactPoint({ id: point.id, method: 'call' }, state, now)).then();
    since([2020, verified]).when((state) => verifyContactPoint({ id: point.id, method: 'call' }, state, day(2019))).then(verified);
  });

  it('are removed once, and must be there', () => {
    given(customer, [registered]).when((state) => removeContactPoint({ id: point.id, reason: { code: 'moved' } }, state)).then({ type: 'ContactPointRemoved', data: { id: point.id, reason: { code: 'moved' } } });
    given(customer, [registered, removed]).when((state) => removeContactPoint({ id: point.id }, state)).then();
    given(customer, [registered]).when((state) => removeContactPoint({ id: elsewhere }, state)).thenRejected('contact-point-not-found');
    given(customer, [registered, removed]).when((state) => verifyContactPoint({ id: point.id }, state, now)).thenRejected('contact-point-not-found');
  });

  it('come again under another id', () => {
    given(customer, [registered, removed]).when((state) => addContactPoint({ kind: 'phone', raw: '60018' }, state, elsewhere)).then({ type: 'ContactPointAdded', data: { ...point, id: elsewhere } });
    given(customer, [registered, removed]).when((state) => addContactPoint({ ...point }, state, elsewhere)).thenRejected('contact-point-already-recorded');
  });
});

describe('assignments', () => {
  it('are several at once, and one in each role', () => {
    const second = assigned('collector', 'staff-8');
    given(customer, [registered, assigned('owner', 'staff-7')]).when((state) => assignCustomer(second.data, state, now)).then(second);
    const next = assigned('owner', 'staff-9');
    given(customer, [registered, assigned('owner', 'staff-7')]).when((state) => assignCustomer(next.data, state, now)).then(next);
    given(customer, [registered, next]).when((state) => assignCustomer(next.data, state, now)).then();
  });

  it('end, and only where there is one', () => {
    const ended: CustomerEvent = { type: 'CustomerUnassigned', data: { role: 'owner' } };
    given(customer, [registered, assigned('owner', 'staff-7')]).when((state) => unassignCustomer({ role: 'owner' }, state, now)).then(ended);
    given(customer, [registered, assigned('owner', 'staff-7'), ended]).when((state) => unassignCustomer({ role: 'owner' }, state, now)).then();
  });

  it('are fifty at most', () => {
    const full = Array.from({ length: 50 }, (_, index) => assigned(`role-${index}`, 'staff-7'));
    given(customer, [registered, ...full]).when((state) => assignCustomer(assigned('more', 'staff-7').data, state, now)).thenRejected('customer-assignments-full');
    given(customer, [registered, ...full]).when((state) => assignCustomer(assigned('role-3', 'staff-8').data, state, now)).then(assigned('role-3', 'staff-8'));
  });
});

describe('tags', () => {
  it('are put on and taken off, and nothing happens twice', () => {
    given(customer, [registered]).when((state) => tagCustomer({ tag: '老客户' }, state, now)).then(tagged('老客户'));
    given(customer, [registered, tagged('a')]).when((state) => tagCustomer({ tag: 'a' }, state, now)).then();
    given(customer, [registered, tagged('a')]).when((state) => untagCustomer({ tag: 'a' }, state, now)).then(untagged('a'));
    given(customer, [registered]).when((state) => untagCustomer({ tag: 'a' }, state, now)).then();
  });

  it('are a hundred at most, those taken off not counted', () => {
    const full = Array.from({ length: 100 }, (_, index) => tagged(`t${index}`));
    given(customer, [registered, ...full]).when((state) => tagCustomer({ tag: 'more' }, state, now)).thenRejected('customer-tags-full');
    given(customer, [registered, ...full, untagged('t3')]).when((state) => tagCustomer({ tag: 'more' }, state, now)).then(tagged('more'));
  });

  it('are in the end what the newest word says, whatever the order in which words come', () => {
    const words = fc.uniqueArray(fc.record({ year: fc.integer({ min: 2000, max: 2030 }), on: fc.boolean() }), { selector: ({ year }) => year, minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(words, (list) => {
        const events = list.flatMap(({ year, on }, index) => recorded([on ? tagged('a') : untagged('a')], { revision: index + 1, metadata: { effectiveAt: day(year) } }));
        const state = fold(customer, [...recorded([registered], { metadata: { effectiveAt: day(1999) } }), ...events]);
        const newest = [...list].sort((a, b) => b.year - a.year)[0];
        expect(state.kind === 'registered' && latest(state.values, 'tags/a')).toBe(newest?.on === true ? true : null);
      }),
    );
  });
});

describe('the states of a customer', () => {
  const reason = { code: 'dissolved' };
  const deactivated: CustomerEvent = { type: 'CustomerDeactivated', data: { reason } };

  it('change from active to not and back, and a repeat changes nothing', () => {
    given(customer, [registered]).when((state) => deactivateCustomer({ reason }, state, now)).then(deactivated);
    given(customer, [registered, deactivated]).when((state) => deactivateCustomer({ reason: { code: 'moved' } }, state, now)).then();
    given(customer, [registered, deactivated]).when((state) => reactivateCustomer({ reason }, state, now)).then({ type: 'CustomerReactivated', data: { reason } });
    given(customer, [registered]).when((state) => reactivateCustomer({ reason }, state, now)).then();
    since([2024, deactivated]).when((state) => deactivateCustomer({ reason }, state, day(2020))).then(deactivated);
  });

  it('know an objection to profiling until it is taken back', () => {
    const objected: CustomerEvent = { type: 'ProfilingObjected', data: {} };
    given(customer, [registered]).when((state) => objectToProfiling({}, state, now)).then(objected);
    given(customer, [registered, objected]).when((state) => objectToProfiling({ reason }, state, now)).then();
    given(customer, [registered, objected]).when((state) => allowProfiling({ reason }, state, now)).then({ type: 'ProfilingAllowed', data: { reason } });
    given(customer, [registered]).when((state) => allowProfiling({}, state, now)).then();
  });
});

describe('what suggests that two customers are one', () => {
  const reason = { code: 'one-household' };
  const [self, other] = ['00000000-0000-8000-8000-00000000000a', '00000000-0000-8000-8000-00000000000b'];
  const dismissed = (one: string): CustomerEvent => ({ type: 'DuplicateDismissed', data: { other: one, reason } });

  it('is declined once for each other customer, and never for the customer itself', () => {
    given(customer, [registered]).when((state) => dismissDuplicate({ other, reason }, state, self)).then(dismissed(other));
    given(customer, [registered, dismissed(other)]).when((state) => dismissDuplicate({ other, reason: { code: 'other' } }, state, self)).then();
    given(customer, [registered]).when((state) => dismissDuplicate({ other: self, reason }, state, self)).thenRejected('customer-own-duplicate');
  });

  it('may be so after all: what was said of this customer is taken back once, and can be said again', () => {
    const withdrawn: CustomerEvent = { type: 'DuplicateDismissalWithdrawn', data: { other, reason } };
    given(customer, [registered, dismissed(other)]).when((state) => withdrawDismissal({ other, reason }, state)).then(withdrawn);
    given(customer, [registered, dismissed(other), withdrawn]).when((state) => withdrawDismissal({ other, reason }, state)).then();
    given(customer, [registered]).when((state) => withdrawDismissal({ other, reason }, state)).thenRejected('dismissal-not-found');
    given(customer, [registered, dismissed(other), withdrawn]).when((state) => dismissDuplicate({ other, reason }, state, self)).then(dismissed(other));
  });

  it('is declined a thousand times at most', () => {
    const all = Array.from({ length: 1_000 }, (_, n) => dismissed(`00000000-0000-8000-9000-${String(n).padStart(12, '0')}`));
    given(customer, [registered, ...all]).when((state) => dismissDuplicate({ other, reason }, state, self)).thenRejected('customer-dismissals-full');
    const again = { other: '00000000-0000-8000-9000-000000000000', reason };
    given(customer, [registered, ...all, { type: 'DuplicateDismissalWithdrawn', data: again }]).when((state) => dismissDuplicate(again, state, self)).then(dismissed(again.other));
  });
});

it.each<[string, (state: Customer) => CustomerEvent[]]>([
  ['verifying', (state) => verifyContactPoint({ id: point.id }, state, now)],
  ['removing', (state) => removeContactPoint({ id: point.id }, state)],
  ['assigning', (state) => assignCustomer(assigned('owner', 'staff-7').data, state, now)],
  ['unassigning', (state) => unassignCustomer({ role: 'owner' }, state, now)],
  ['tagging', (state) => tagCustomer({ tag: 'a' }, state, now)],
  ['untagging', (state) => untagCustomer({ tag: 'a' }, state, now)],
  ['deactivating', (state) => deactivateCustomer({ reason: { code: 'a' } }, state, now)],
  ['reactivating', (state) => reactivateCustomer({ reason: { code: 'a' } }, state, now)],
  ['dismissing', (state) => dismissDuplicate({ other: elsewhere, reason: { code: 'a' } }, state, point.id)],
  ['withdrawing', (state) => withdrawDismissal({ other: elsewhere, reason: { code: 'a' } }, state)],
  ['objecting', (state) => objectToProfiling({}, state, now)],
  ['allowing', (state) => allowProfiling({}, state, now)],
])('%s needs a customer', (_, decide) => {
  given(customer, []).when(decide).thenRejected('customer-not-found');
});
