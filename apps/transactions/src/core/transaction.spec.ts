import { recordTransaction as contract, type RecordTransaction, type TransactionEvent } from '@annals/contracts';
import { given } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import { cancelTransaction } from './cancel-transaction.js';
import { recordTransaction } from './record-transaction.js';
import { transaction } from './transaction.js';

const line = (quantity: string, unitPrice: string, amountMinor: number, more: object = {}) => ({ quantity, unitPrice, amountMinor, ...more });

function invoice(lines: ReturnType<typeof line>[], totalMinor: number, more: object = {}): RecordTransaction {
  return contract.parse({ kind: 'invoice', issuedOn: '2011-12-09', currency: 'GBP', lines, totalMinor, ...more });
}

function recordedAs(command: RecordTransaction): TransactionEvent {
  return { type: 'TransactionRecorded', data: command };
}

const cancel = { reason: { code: 'entered-twice' } };
const cancelled: TransactionEvent = { type: 'TransactionCancelled', data: cancel };
const simple = invoice([line('6', '2.55', 1530)], 1530);

describe('recording a transaction', () => {
  it('keeps what was said, without what belongs to the envelope', () => {
    const command = { ...simple, id: '018f0000-0000-7000-8000-000000000001', key: 'a', meta: { department: 'uk' } };
    given(transaction, []).when((state) => recordTransaction(command, state)).then(recordedAs(simple));
  });

  it('takes lines with discount, rounding and tax, and charges and discounts of the document', () => {
    const command = invoice(
      [line('3', '0.015', 4, { discountMinor: 2, roundingMinor: 1, taxMinor: 7 }), line('-2', '4.25', -850)],
      4 + 7 - 850 + 499 - 100,
      { charges: [{ code: 'postage', amountMinor: 499 }], discounts: [{ code: 'loyal', amountMinor: 100 }] },
    );
    given(transaction, []).when((state) => recordTransaction(command, state)).then(recordedAs(command));
  });

  it('takes negative quantities, zero prices and totals of zero', () => {
    const command = invoice([line('-12', '0', 0), line('1', '5', 500), line('-1', '5', -500)], 0);
    given(transaction, []).when((state) => recordTransaction(command, state)).then(recordedAs(command));
  });

  it('refuses a line whose amount is not what it comes to, and says by how much', () => {
    const command = invoice([line('1', '1', 100), line('1', '1.115', 111)], 211);
    given(transaction, []).when((state) => recordTransaction(command, state)).thenRejected('line-amount-differs');
    expect(() => recordTransaction(command, transaction.initialState)).toThrow('/lines/1/amountMinor is 111, and quantity x unitPrice with discount and rounding comes to 112: a difference of -1.');
  });

  it('refuses a total that its parts do not come to', () => {
    const command = invoice([line('6', '2.55', 1530, { taxMinor: 1 })], 1530);
    given(transaction, []).when((state) => recordTransaction(command, state)).thenRejected('total-differs');
    expect(() => recordTransaction(command, transaction.initialState)).toThrow('a difference of -1.');
  });

  it('refuses sums beyond 2^53 - 1 instead of rounding them', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const lines = [line('90071992547409.91', '1', most), line('0.01', '1', 1)];
    given(transaction, []).when((state) => recordTransaction(invoice(lines, most), state)).thenRejected('total-differs');
    const product = line('999999999999999', '999999999999999', most);
    given(transaction, []).when((state) => recordTransaction(invoice([product], most), state)).thenRejected('line-amount-differs');
  });

  it('refuses a second one', () => {
    given(transaction, [recordedAs(simple)]).when((state) => recordTransaction(simple, state)).thenRejected('transaction-already-recorded');
    given(transaction, [recordedAs(simple), cancelled]).when((state) => recordTransaction(simple, state)).thenRejected('transaction-already-recorded');
  });
});

describe('cancelling a transaction', () => {
  it('is an event, once', () => {
    given(transaction, [recordedAs(simple)]).when((state) => cancelTransaction(cancel, state)).then(cancelled);
    given(transaction, [recordedAs(simple), cancelled]).when((state) => cancelTransaction(cancel, state)).then();
  });

  it('needs a transaction', () => {
    given(transaction, []).when((state) => cancelTransaction(cancel, state)).thenRejected('transaction-not-found');
  });
});
