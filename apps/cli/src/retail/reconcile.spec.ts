import { describe, expect, it } from '@jest/globals';

import { agrees, compare, shownFigure, tableOf } from './reconcile.js';

const none = { lines: 0, transactions: 0, byKind: { invoice: 0, 'credit-note': 0, adjustment: 0 }, customers: 0, totalMinor: 0n };
const file = { lines: 1_200, transactions: 40, byKind: { invoice: 37, 'credit-note': 2, adjustment: 1 }, customers: 9, totalMinor: -123_456n };
const counts = {
  customers: 9,
  transactions: { count: 40, lines: 1_200, byKind: { invoice: 37, 'credit-note': 2, adjustment: 1 }, totalMinor: { GBP: -123_456 } },
};

describe('the reconciliation', () => {
  it('agrees where file, log and read models hold the same', () => {
    expect(compare({ file, refused: none }, counts, counts).every(agrees)).toBe(true);
  });

  it('agrees where log and read models hold the file but for what was refused', () => {
    const more = { ...file, lines: 1_201, transactions: 41, byKind: { ...file.byKind, invoice: 38 }, totalMinor: -123_400n };
    const refused = { ...none, lines: 1, transactions: 1, byKind: { ...none.byKind, invoice: 1 }, totalMinor: 56n };
    expect(compare({ file: more, refused }, counts, counts).every(agrees)).toBe(true);
  });

  it.each([
    ['the log lacks a customer', { ...counts, customers: 8 }, counts],
    ['the read models lack a customer', counts, { ...counts, customers: 8 }],
    ['the log is a penny off', { ...counts, transactions: { ...counts.transactions, totalMinor: { GBP: -123_455 } } }, counts],
    ['another currency crept in', { ...counts, transactions: { ...counts.transactions, totalMinor: { EUR: -123_456 } } }, counts],
    ['both lack everything', {}, {}],
  ])('differs where %s', (_, log, readModels) => {
    expect(compare({ file, refused: none }, log, readModels).every(agrees)).toBe(false);
  });

  it('shows a table that a person can check', () => {
    expect(tableOf(compare({ file, refused: none }, counts, { ...counts, customers: 8 }))).toBe(
      [
        '                     file        log  read models',
        'lines               1,200      1,200        1,200  agrees',
        'transactions           40         40           40  agrees',
        '  invoices             37         37           37  agrees',
        '  credit notes          2          2            2  agrees',
        '  adjustments           1          1            1  agrees',
        'customers               9          9            8  DIFFERS',
        'sum in GBP      -1,234.56  -1,234.56    -1,234.56  agrees',
      ].join('\n'),
    );
  });

  it.each([
    [974_774_793n, '9,747,747.93'],
    [-5n, '-0.05'],
    [0n, '0.00'],
  ])('shows %s pence as %s', (value, shown) => {
    expect(shownFigure(value, true)).toBe(shown);
  });
});
