import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { LedgerRow } from './ledger-row.js';
import { Survey } from './survey.js';

function row(invoice: string, changed: Partial<LedgerRow> = {}): LedgerRow {
  return {
    line: 2,
    invoice,
    sku: '1',
    description: 'x',
    quantity: '1',
    unitPrice: '1.00',
    amountMinor: 100,
    reading: 0,
    customer: '',
    country: 'EIRE',
    ...changed,
  };
}

function surveyOf(...rows: Parameters<Survey['add']>[0][]): Survey {
  const survey = new Survey();
  rows.forEach((each) => survey.add(each));
  return survey;
}

describe('a survey of the ledger', () => {
  it('tells kinds by the first letter of the number', () => {
    const { file } = surveyOf(row('1'), row('C1'), row('A1'), row('2'), row('1')).figures();
    expect(file).toEqual({
      lines: 5,
      transactions: 4,
      byKind: { invoice: 2, 'credit-note': 1, adjustment: 1 },
      customers: 0,
      totalMinor: 500n,
    });
  });

  it('takes the earliest minute of an invoice that bears several, in whatever order', () => {
    const survey = surveyOf(row('1', { reading: 120_000 }), row('1', { reading: 60_000 }), row('1', { reading: 180_000 }));
    expect(survey.invoices.get('1')?.reading).toBe(60_000);
  });

  it('gives a customer the country of the latest invoice and the date of the first, in whatever order', () => {
    const rows = [
      row('1', { customer: '7', reading: 10, country: 'EIRE' }),
      row('2', { customer: '7', reading: 30, country: 'Cyprus' }),
      row('3', { customer: '7', reading: 20, country: 'France' }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: 3 }), (order) => {
        expect(surveyOf(...order).customers().get('7')).toMatchObject({ first: 10, country: 'Cyprus' });
      }),
    );
  });

  it('refuses the whole invoice of a bad row, and the customer that only it names, and nothing else', () => {
    const survey = surveyOf(
      row('1', { customer: '7' }),
      row('2', { customer: '8' }),
      { line: 3, invoice: '2', reason: 'Quantity "x" is not a decimal number' },
      row('2', { customer: '8' }),
    );
    expect(survey.refusals()).toEqual([{ line: 3, invoice: '2', reason: 'Quantity "x" is not a decimal number' }]);
    expect([...survey.customers().keys()]).toEqual(['7']);
    const { file, refused } = survey.figures();
    expect(file).toMatchObject({ lines: 4, transactions: 2, customers: 2, totalMinor: 300n });
    expect(refused).toMatchObject({ lines: 3, transactions: 1, customers: 1, totalMinor: 200n });
  });

  it('refuses a bad row of no invoice alone', () => {
    const survey = surveyOf(row('1'), { line: 9, invoice: '', reason: 'InvoiceNo is empty' });
    expect(survey.refusals()).toEqual([{ line: 9, invoice: '', reason: 'InvoiceNo is empty' }]);
    expect(survey.figures().refused).toMatchObject({ lines: 1, transactions: 0 });
  });

  it('refuses an invoice of two customers', () => {
    const survey = surveyOf(row('1', { customer: '7' }), row('1', { customer: '8', line: 5 }));
    expect(survey.refusals()).toEqual([{ line: 5, invoice: '1', reason: "CustomerID is 8, and 7 in the invoice's first row" }]);
  });

  it('refuses an invoice longer than a transaction may be, and one whose total is beyond an exact number', () => {
    const long = Array.from({ length: 5_001 }, (_, index) => row('1', { line: index + 2 }));
    expect(surveyOf(...long).refusals()).toEqual([{ line: 5_002, invoice: '1', reason: 'the invoice has more than 5000 lines' }]);
    const dear = row('2', { amountMinor: Number.MAX_SAFE_INTEGER });
    expect(surveyOf(dear, dear).refusals()).toHaveLength(1);
  });
});
