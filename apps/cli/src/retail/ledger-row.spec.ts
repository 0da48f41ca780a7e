import { describe, expect, it } from '@jest/globals';

import { COLUMNS, LedgerRows } from './ledger-row.js';

const good: Record<string, string> = {
  InvoiceNo: '536365',
  StockCode: '85123A',
  Description: 'WHITE HANGING HEART T-LIGHT HOLDER ',
  Quantity: '6',
  InvoiceDate: '2010-12-01 08:26:00',
  UnitPrice: '2.55',
  CustomerID: '17850.0',
  Country: 'United Kingdom',
};

function read(changed: Record<string, string> = {}) {
  const fields = COLUMNS.map((name) => ({ ...good, ...changed })[name] ?? '');
  return new LedgerRows().read({ line: 7, fields });
}

describe('rows of the ledger', () => {
  it('keeps texts as they are and takes the customer without its decimal', () => {
    expect(read()).toEqual({
      line: 7,
      invoice: '536365',
      sku: '85123A',
      description: 'WHITE HANGING HEART T-LIGHT HOLDER ',
      quantity: '6',
      unitPrice: '2.55',
      amountMinor: 1_530,
      reading: Date.UTC(2010, 11, 1, 8, 26),
      customer: '17850',
      country: 'United Kingdom',
    });
  });

  it('takes a row without customer and description', () => {
    expect(read({ CustomerID: '', Description: '' })).toMatchObject({ customer: '', description: '' });
  });

  it.each<[changed: Record<string, string>, reason: string]>([
    [{ InvoiceNo: '' }, 'InvoiceNo is empty'],
    [{ Quantity: 'six' }, 'Quantity "six" is not a decimal number'],
    [{ Quantity: '' }, 'Quantity "" is not a decimal number'],
    [{ UnitPrice: '2,55' }, 'UnitPrice "2,55" is not a decimal number'],
    [{ UnitPrice: '1e3' }, 'UnitPrice "1e3" is not a decimal number'],
    [{ InvoiceDate: '2011-02-30 08:26:00' }, 'InvoiceDate "2011-02-30 08:26:00" is not a date and time'],
    [{ InvoiceDate: '2011-02-03 24:00:00' }, 'InvoiceDate "2011-02-03 24:00:00" is not a date and time'],
    [{ InvoiceDate: '01/12/2010 08:26' }, 'InvoiceDate "01/12/2010 08:26" is not a date and time'],
    [{ CustomerID: '17850.5' }, 'CustomerID "17850.5" is not a number'],
    [{ CustomerID: 'nan' }, 'CustomerID "nan" is not a number'],
    [{ Description: 'a\u0000b' }, 'Description holds U+0000'],
    [{ Description: 'x'.repeat(501) }, 'Description is longer than 500 characters'],
    [{ Quantity: '999999999999999', UnitPrice: '999999' }, 'Quantity x UnitPrice is beyond 2^53 - 1 pence'],
  ])('refuses %j with the reason', (changed, reason) => {
    expect(read(changed)).toEqual({ line: 7, invoice: changed['InvoiceNo'] ?? '536365', reason });
  });

  it('reads each date for itself, good or bad, whichever came before', () => {
    const rows = new LedgerRows();
    const dated = (date: string) => rows.read({ line: 1, fields: COLUMNS.map((name) => (name === 'InvoiceDate' ? date : (good[name] ?? ''))) });
    const dates = ['2010-12-01 08:26:00', 'x', 'x', '2010-12-01 08:27', '2010-12-01 08:27'];
    expect(dates.map((date) => 'reading' in dated(date))).toEqual([true, false, false, true, true]);
  });
});
