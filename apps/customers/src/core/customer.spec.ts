import { addContactPoint as addContract, ERASED, registerCustomer as registerContract, type ChangeProfile, type CustomerEvent } from '@annals/contracts';
import { fold } from '@annals/kernel';
import { given, recorded } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addContactPoint } from './add-contact-point.js';
import { changeProfile } from './change-profile.js';
import { customer } from './customer.js';
import { registerCustomer } from './register-customer.js';
import { latest } from './registers.js';

const newId = (index: number): string => `00000000-0000-8000-8000-${String(index).padStart(12, '0')}`;
const now = '2026-01-01T00:00:00.000Z';
const at = (effectiveAt: string) => ({ metadata: { effectiveAt } });

const registered: CustomerEvent = {
  type: 'CustomerRegistered',
  data: {
    kind: 'person',
    name: { full: '王小明', family: '王', given: '小明', order: 'family-first' },
    country: 'GB',
    contactPoints: [{ id: newId(0), kind: 'phone', raw: '020 7946 0018', normalised: '+442079460018' }],
    attributes: { vip: { type: 'boolean', value: true } },
  },
};

describe('registering a customer', () => {
  it('gives contact points ids and, where they parse in its country, normal forms', () => {
    const command = registerContract.parse({
      kind: 'person',
      country: 'GB',
      contactPoints: [
        { kind: 'phone', raw: '020 7946 0018' },
        { kind: 'wechat', raw: 'Xiao Ming' },
        { kind: 'email', raw: 'Ming@Example.COM', id: newId(9) },
      ],
    });
    given(customer, []).when((state) => registerCustomer(command, state, newId)).then({
      type: 'CustomerRegistered',
      data: {
        kind: 'person',
        country: 'GB',
        contactPoints: [
          { id: newId(0), kind: 'phone', raw: '020 7946 0018', normalised: '+442079460018' },
          { id: newId(1), kind: 'wechat', raw: 'Xiao Ming' },
          { id: newId(9), kind: 'email', raw: 'Ming@Example.COM', normalised: 'Ming@example.com' },
        ],
      },
    });
  });

  it('takes a contact point that is given twice once', () => {
    const command = registerContract.parse({
      kind: 'organisation',
      contactPoints: [
        { kind: 'phone', raw: '+44 20 7946 0018' },
        { kind: 'phone', raw: '+442079460018' },
      ],
    });
    const [event] = registerCustomer(command, customer.initialState, newId);
    expect(event?.data).toMatchObject({ contactPoints: [{ raw: '+44 20 7946 0018' }] });
  });

  it('refuses one id for two contact points', () => {
    const two = ['60018', '60019'].map((raw) => ({ kind: 'phone', raw, id: newId(1) }));
    const command = registerContract.parse({ kind: 'person', contactPoints: two });
    given(customer, []).when((state) => registerCustomer(command, state, newId)).thenRejected('contact-point-repeated');
  });

  it('needs nothing but an id', () => {
    const command = registerContract.parse({ kind: 'person' });
    given(customer, []).when((state) => registerCustomer(command, state, newId)).then({ type: 'CustomerRegistered', data: { kind: 'person', contactPoints: [] } });
  });

  it('refuses a second one', () => {
    const command = registerContract.parse({ kind: 'person' });
    given(customer, [registered]).when((state) => registerCustomer(command, state, newId)).thenRejected('customer-already-recorded');
  });
});

describe('changing a profile', () => {
  it('records only what changed', () => {
    const command: ChangeProfile = {
      name: { full: '王小明', family: '王', given: '小明', order: 'family-first' },
      country: 'CN',
      zone: null,
      attributes: { vip: { type: 'boolean', value: true }, tier: { type: 'code', value: 'gold' } },
    };
    given(customer, [registered]).when((state) => changeProfile(command, state, now)).then({
      type: 'CustomerProfileChanged',
      data: { country: 'CN', attributes: { tier: { type: 'code', value: 'gold' } } },
    });
  });

  it('leaves no trace where nothing changed', () => {
    given(customer, [registered]).when((state) => changeProfile({ country: 'GB', language: null }, state, now)).then();
    given(customer, [registered]).when((state) => changeProfile({}, state, now)).then();
  });

  it('compares with the profile as it was at the time that the change speaks of', () => {
    const [first] = recorded([registered], at('2020-01-01T00:00:00.000Z'));
    const [second] = recorded<CustomerEvent>([{ type: 'CustomerProfileChanged', data: { country: 'CN' } }], { ...at('2024-01-01T00:00:00.000Z'), revision: 1 });
    if (first === undefined || second === undefined) throw new Error('one event in, one event out');
    const change = (country: string, from: string) => given(customer, [first, second]).when((state) => changeProfile({ country }, state, from));
    change('GB', '2022-01-01T00:00:00.000Z').then();
    change('CN', '2022-01-01T00:00:00.000Z').then({ type: 'CustomerProfileChanged', data: { country: 'CN' } });
    change('CN', '2025-01-01T00:00:00.000Z').then();
  });

  it('never overwrites a newer value with one from earlier, whatever the order in which they come', () => {
    const changes = fc.uniqueArray(fc.record({ year: fc.integer({ min: 2000, max: 2030 }), country: fc.constantFrom('GB', 'CN', 'US', 'FR') }), { selector: ({ year }) => year, minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(changes, (list) => {
        const events = list.flatMap(({ year, country }, index) =>
          recorded<CustomerEvent>([{ type: 'CustomerProfileChanged', data: { country } }], { ...at(`${year}-01-01T00:00:00.000Z`), revision: index + 1 }),
        );
        const state = fold(customer, [...recorded<CustomerEvent>([{ type: 'CustomerRegistered', data: { kind: 'person', contactPoints: [] } }], at('1999-01-01T00:00:00.000Z')), ...events]);
        const newest = [...list].sort((a, b) => b.year - a.year)[0];
        expect(state.kind === 'registered' && latest(state.values, 'country')).toBe(newest?.country);
      }),
    );
  });

  it('takes values away by null, and can set a field again whose old value is erased', () => {
    given(customer, [registered]).when((state) => changeProfile({ name: null }, state, now)).then({ type: 'CustomerProfileChanged', data: { name: null } });
    const erased: CustomerEvent = { type: 'CustomerRegistered', data: { kind: 'person', name: ERASED, contactPoints: [] } };
    given(customer, [erased]).when((state) => changeProfile({ name: { full: 'Ann' } }, state, now)).then({ type: 'CustomerProfileChanged', data: { name: { full: 'Ann' } } });
  });

  it('keeps to as many attributes as a card shows', () => {
    const attributes = Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`a${index}`, { type: 'number' as const, value: index }]));
    const full: CustomerEvent = { type: 'CustomerProfileChanged', data: { attributes } };
    given(customer, [registered, full]).when((state) => changeProfile({ attributes: { more: { type: 'number', value: 1 } } }, state, now)).thenRejected('customer-attributes-full');
    given(customer, [registered, full])
      .when((state) => changeProfile({ attributes: { more: { type: 'number', value: 1 }, vip: null } }, state, now))
      .then({ type: 'CustomerProfileChanged', data: { attributes: { more: { type: 'number', value: 1 }, vip: null } } });
  });

  it('needs a customer', () => {
    given(customer, []).when((state) => changeProfile({ country: 'GB' }, state, now)).thenRejected('customer-not-found');
  });
});

describe('adding a contact point', () => {
  const command = (raw: string, more: object = {}) => addContract.parse({ kind: 'phone', raw, ...more });

  it('reads a national number in the country that the customer is in', () => {
    given(customer, [registered])
      .when((state) => addContactPoint(command('020 7946 0019'), state, newId(1)))
      .then({ type: 'ContactPointAdded', data: { id: newId(1), kind: 'phone', raw: '020 7946 0019', normalised: '+442079460019' } });
  });

  it('changes nothing where the customer has it already, in whatever form', () => {
    given(customer, [registered]).when((state) => addContactPoint(command('+44 (0)20 7946 0018'), state, newId(1))).then();
    const short: CustomerEvent = { type: 'ContactPointAdded', data: { id: newId(1), kind: 'phone', raw: '60018' } };
    given(customer, [registered, short]).when((state) => addContactPoint(command('60018'), state, newId(2))).then();
  });

  it('keeps kinds apart, and erased ones from all', () => {
    given(customer, [registered])
      .when((state) => addContactPoint(command('+442079460018', { kind: 'whatsapp' }), state, newId(1)))
      .then({ type: 'ContactPointAdded', data: { id: newId(1), kind: 'whatsapp', raw: '+442079460018', normalised: '+442079460018' } });
    const erased: CustomerEvent = { type: 'ContactPointAdded', data: { id: newId(1), kind: 'phone', raw: ERASED } };
    given(customer, [registered, erased]).when((state) => addContactPoint(command('60018'), state, newId(2))).then({ type: 'ContactPointAdded', data: { id: newId(2), kind: 'phone', raw: '60018' } });
  });

  it('refuses an id that another contact point of the customer has', () => {
    given(customer, [registered]).when((state) => addContactPoint(command('60018', { id: newId(0) }), state, newId(1))).thenRejected('contact-point-already-recorded');
  });

  it('needs a customer', () => {
    given(customer, []).when((state) => addContactPoint(command('60018'), state, newId(1))).thenRejected('customer-not-found');
  });
});
