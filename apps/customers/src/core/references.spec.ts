import type { CustomerEvent } from '@annals/contracts';
import { given, recorded } from '@annals/testing';
import { describe, it } from '@jest/globals';
import { addReference } from './add-reference.js';
import { customer } from './customer.js';
import { removeReference } from './remove-reference.js';

const shop = { system: 'shop', id: '1001' };
const registered: CustomerEvent = { type: 'CustomerRegistered', data: { kind: 'person', contactPoints: [], reference: shop } };
const plain: CustomerEvent = { type: 'CustomerRegistered', data: { kind: 'person', contactPoints: [] } };
const added = (id: string): CustomerEvent => ({ type: 'ReferenceAdded', data: { system: 'shop', id } });
const removed: CustomerEvent = { type: 'ReferenceRemoved', data: shop };

describe('adding a reference', () => {
  it('changes nothing where the customer has it, by its registration or since', () => {
    given(customer, [plain]).when((state) => addReference(shop, state)).then(added('1001'));
    given(customer, [plain, added('1001')]).when((state) => addReference(shop, state)).then();
    given(customer, [registered]).when((state) => addReference(shop, state)).then();
    given(customer, [registered, removed]).when((state) => addReference(shop, state)).then(added('1001'));
  });

  it('keeps to a hundred, those removed not counted', () => {
    const full = Array.from({ length: 99 }, (_, index) => added(`r${index}`));
    given(customer, [registered, ...full]).when((state) => addReference({ system: 'shop', id: 'more' }, state)).thenRejected('customer-references-full');
    given(customer, [registered, ...full, removed]).when((state) => addReference({ system: 'shop', id: 'more' }, state)).then(added('more'));
  });

  it('needs a customer', () => {
    given(customer, []).when((state) => addReference(shop, state)).thenRejected('customer-not-found');
  });
});

describe('removing a reference', () => {
  it('changes nothing where the customer has neither it nor a claim on it', () => {
    given(customer, [registered]).when((state) => removeReference(shop, state, 1)).then(removed);
    given(customer, [plain]).when((state) => removeReference(shop, state, undefined)).then();
    given(customer, []).when((state) => removeReference(shop, state, undefined)).thenRejected('customer-not-found');
  });

  it('is written where a claim is newer than the last removal, to stop what may be under way', () => {
    const history = recorded<CustomerEvent>([registered, removed]);
    given(customer, history).when((state) => removeReference(shop, state, 1)).then();
    given(customer, history).when((state) => removeReference(shop, state, 3)).then(removed);
    given(customer, [plain]).when((state) => removeReference(shop, state, 1)).then(removed);
  });
});
