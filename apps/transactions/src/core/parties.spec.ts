import { recordTransaction as contract, type TransactionEvent } from '@annals/contracts';
import { given } from '@annals/testing';
import { describe, it } from '@jest/globals';
import { attributeTransaction } from './attribute-transaction.js';
import { recordTransaction } from './record-transaction.js';
import { transaction, type Party } from './transaction.js';
import { unattributeTransaction } from './unattribute-transaction.js';

const customer = (n: number): string => `018f0000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const buyer: Party = { customerId: customer(1), role: 'buyer' };
const payer: Party = { customerId: customer(1), role: 'payer' };

const recordedWith = (...parties: Party[]): TransactionEvent => ({
  type: 'TransactionRecorded',
  data: { kind: 'order', parties, issuedOn: '2024-02-29', currency: 'GBP', lines: [], totalMinor: 0 },
});
const attributed = (party: Party): TransactionEvent => ({ type: 'TransactionAttributed', data: { party } });
const unattributed = (party: Party): TransactionEvent => ({ type: 'TransactionUnattributed', data: { party } });
const cancelled: TransactionEvent = { type: 'TransactionCancelled', data: { reason: { code: 'entered-twice' } } };

describe('the parties of a transaction', () => {
  it('are recorded once each', () => {
    const command = contract.parse({ kind: 'order', parties: [buyer, payer, buyer], issuedOn: '2024-02-29', currency: 'GBP', lines: [], totalMinor: 0 });
    given(transaction, []).when((state) => recordTransaction(command, state)).then(recordedWith(buyer, payer));
  });

  it('are added by customer and role, and not twice', () => {
    given(transaction, [recordedWith()]).when((state) => attributeTransaction(buyer, state)).then(attributed(buyer));
    given(transaction, [recordedWith(buyer)]).when((state) => attributeTransaction(payer, state)).then(attributed(payer));
    given(transaction, [recordedWith(buyer)]).when((state) => attributeTransaction(buyer, state)).then();
    given(transaction, [recordedWith(), attributed(buyer), unattributed(buyer)]).when((state) => attributeTransaction(buyer, state)).then(attributed(buyer));
  });

  it('are taken away, and not twice', () => {
    given(transaction, [recordedWith(buyer, payer)]).when((state) => unattributeTransaction(payer, state)).then(unattributed(payer));
    given(transaction, [recordedWith(buyer)]).when((state) => unattributeTransaction(payer, state)).then();
    given(transaction, [recordedWith(buyer), unattributed(buyer)]).when((state) => unattributeTransaction(buyer, state)).then();
  });

  it('can be put right when the transaction is cancelled', () => {
    given(transaction, [recordedWith(buyer), cancelled]).when((state) => unattributeTransaction(buyer, state)).then(unattributed(buyer));
    given(transaction, [recordedWith(), cancelled]).when((state) => attributeTransaction(buyer, state)).then(attributed(buyer));
  });

  it('are twenty at most', () => {
    const full = Array.from({ length: 20 }, (_, index): Party => ({ customerId: customer(index), role: 'recipient' }));
    given(transaction, [recordedWith(...full)]).when((state) => attributeTransaction(buyer, state)).thenRejected('transaction-parties-full');
  });

  it('need a transaction', () => {
    given(transaction, []).when((state) => attributeTransaction(buyer, state)).thenRejected('transaction-not-found');
    given(transaction, []).when((state) => unattributeTransaction(buyer, state)).thenRejected('transaction-not-found');
  });
});
