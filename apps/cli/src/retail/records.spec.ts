import { recordTransaction, registerCustomer } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';

import { countryCode } from './countries.js';
import type { LedgerRow } from './ledger-row.js';
import { customerOf, transactionOf } from './records.js';

const reading = Date.UTC(2011, 6, 1, 0, 30);
const id = '6f1c2f1e-5f2b-4a5e-9c6e-0a4b7c1d2e3f';

const row: LedgerRow = {
  line: 2,
  invoice: 'C536379',
  sku: 'D',
  description: 'Discount',
  quantity: '-1',
  unitPrice: '27.5',
  amountMinor: -2_750,
  reading,
  customer: '14527',
  country: 'EIRE',
};
const importId = '0191f3a0-0000-7000-8000-000000000001';
const summary = { number: 'C536379', rows: 2, bad: 0, customer: '14527', country: 'EIRE', reading, totalMinor: -2_750 };

describe('what is recorded of the ledger', () => {
  it('records an invoice with its lines, in UTC, on the day that London had', () => {
    const lines = [row, { ...row, description: '', amountMinor: 0, unitPrice: '0.0' }];
    const command = transactionOf(importId, { ...summary, lines }, id);
    expect(recordTransaction.parse(JSON.parse(JSON.stringify(command)))).toEqual({
      key: `${importId}:transaction:C536379`,
      meta: {
        source: { system: 'retail', recordId: 'C536379', importId },
        occurredAt: '2011-06-30T23:30:00.000Z',
        precision: 'minute',
        zone: 'Europe/London',
      },
      kind: 'credit-note',
      number: 'C536379',
      reference: { system: 'retail', id: 'C536379' },
      parties: [{ customerId: id, role: 'buyer' }],
      issuedOn: '2011-07-01',
      currency: 'GBP',
      lines: [
        { sku: 'D', description: 'Discount', quantity: '-1', unitPrice: '27.5', amountMinor: -2_750 },
        { sku: 'D', quantity: '-1', unitPrice: '0.0', amountMinor: 0 },
      ],
      totalMinor: -2_750,
      country: 'IE',
    });
  });

  it('leaves an invoice without a customer without one', () => {
    expect(transactionOf(importId, { ...summary, lines: [row] }, undefined).parties).toEqual([]);
  });

  it('registers a customer under its reference, with its country and the name that the ledger has for it', () => {
    const command = customerOf(importId, '17850', { first: reading, country: 'EIRE' });
    expect(registerCustomer.parse(JSON.parse(JSON.stringify(command)))).toMatchObject({
      reference: { system: 'retail', id: '17850' },
      country: 'IE',
      attributes: { 'source-country': { type: 'text', value: 'EIRE' } },
      meta: { occurredAt: '2011-06-30T23:30:00.000Z', source: { system: 'retail', recordId: '17850', importId } },
    });
  });

  it.each(['Channel Islands', 'European Community', 'Unspecified'])('takes %s for no country, and keeps its name', (name) => {
    const command = customerOf(importId, '1', { first: 0, country: name });
    expect(command).not.toHaveProperty('country');
    expect(command.attributes).toEqual({ 'source-country': { type: 'text', value: name } });
  });

  it.each([
    ['EIRE', 'IE'],
    ['RSA', 'ZA'],
    ['USA', 'US'],
    ['United Kingdom', 'GB'],
  ])('takes %s for %s', (name, code) => {
    expect(countryCode(name)).toBe(code);
  });
});
