import { customerId } from './running.js';

/** A message with a sealed text. */
export const communication = (n: number): object => ({
  medium: 'message',
  platform: 'sms',
  direction: 'inbound',
  purpose: 'support',
  startedAt: new Date().toISOString(),
  subjects: [{ ref: { customer: customerId(n % 500) }, as: 'party' }],
  parts: [{ role: 'body', mediaType: 'text/plain', text: `message ${n}` }],
});

/** An invoice of one line. */
export const transaction = (n: number): object => ({
  kind: 'invoice',
  number: String(n),
  issuedOn: '2020-01-01',
  currency: 'GBP',
  parties: [{ customerId: customerId(n % 500), role: 'buyer' }],
  lines: [{ sku: 'A1', quantity: '2', unitPrice: '2.55', amountMinor: 510 }],
  totalMinor: 510,
});
