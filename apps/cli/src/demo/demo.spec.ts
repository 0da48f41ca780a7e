import { logCommunication, recordTransaction, registerCustomer } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';

import { dealingsOf, registerOf } from './commands.js';
import { personOf } from './people.js';

const id = '6f1c2f1e-5f2b-4a5e-9c6e-0a4b7c1d2e3f';
const people = Array.from({ length: 200 }, (_, index) => personOf(index + 1));
const dealings = people.map((person) => dealingsOf(person, id));
const transactions = dealings.flatMap((each) => each.transactions);
const communications = dealings.flatMap((each) => each.communications);

describe('the demonstration', () => {
  it('is made of commands that the contracts take', () => {
    for (const person of people) registerCustomer.parse(registerOf(person));
    for (const transaction of transactions) recordTransaction.parse(transaction);
    for (const communication of communications) logCommunication.parse(communication);
  });

  it('comes out the same every time, each command under a key of its own', () => {
    expect(people.map((person) => dealingsOf(person, id))).toEqual(dealings);
    const keys = [...people.map(registerOf), ...transactions, ...communications].map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has some thousands of communications over all media and transactions of several kinds', () => {
    expect(communications.length).toBeGreaterThan(3_000);
    expect(transactions.length).toBeGreaterThan(2_000);
    expect(new Set(communications.map(({ medium }) => medium))).toEqual(new Set(['voice', 'message', 'email', 'meeting', 'post', 'web', 'note']));
    expect(new Set(transactions.map(({ kind }) => kind))).toEqual(new Set(['order', 'invoice', 'payment', 'credit-note', 'refund']));
    expect(new Set(communications.map(({ platform }) => platform)).size).toBeGreaterThan(6);
  });

  it('speaks English and Chinese, in several departments, and to nobody who exists', () => {
    const text = JSON.stringify(communications);
    expect(text).toMatch(/Thank you for your order/);
    expect(text).toMatch(/感谢您的订单/);
    expect(text).not.toMatch(/\{(?:name|goods|number|days)\}|ORD-"/);
    expect(new Set([...transactions, ...communications].map(({ meta }) => meta?.department)).size).toBeGreaterThan(5);
    for (const { contactPoints } of people) {
      for (const { kind, raw } of contactPoints) {
        if (kind === 'email') expect(raw).toMatch(/@example\.(?:com|org|net)$/);
        if (kind === 'phone' || kind === 'whatsapp') expect(raw).toMatch(/^(?:07700 900\d{3}|\+44 20 7946 0\d{3}|\+1 212 555 01\d\d)$/);
      }
    }
  });

  it('adds up: every document to its lines and charges', () => {
    for (const { lines, charges = [], totalMinor } of transactions) {
      const sum = [...lines, ...charges].reduce((all, { amountMinor }) => all + amountMinor, 0);
      expect(totalMinor).toBe(sum);
      for (const { quantity, unitPrice, amountMinor } of lines) expect(amountMinor).toBe(Math.round(Number(quantity) * Number(unitPrice) * 100));
    }
  });
});
