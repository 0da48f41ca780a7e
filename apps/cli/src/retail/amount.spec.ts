import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { amountMinorOf, isDecimal } from './amount.js';

/** A decimal number of whole units of its last digit, written out. */
function decimalText(units: bigint, decimals: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return units < 0n ? `-${text}` : text;
}

const decimals = fc.integer({ min: 0, max: 10 });
const units = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n });

describe('amounts', () => {
  it('is the whole number nearest to the product, and the one farther from zero where two are equally near', () => {
    fc.assert(
      fc.property(units, decimals, units, decimals, (one, oneDecimals, other, otherDecimals) => {
        const amount = amountMinorOf(decimalText(one, oneDecimals), decimalText(other, otherDecimals));
        fc.pre(amount !== undefined);
        const scale = 10n ** BigInt(oneDecimals + otherDecimals);
        const exact = one * other * 100n;
        const twiceError = 2n * (BigInt(amount ?? 0) * scale - exact);
        const away = exact < 0n ? -twiceError : twiceError;
        expect(away > -scale && away <= scale).toBe(true);
      }),
    );
  });

  it('goes away from zero where a product lies in the middle between two pence, however it is written', () => {
    const odd = fc.integer({ min: -500_000, max: 500_000 }).map((whole) => 2 * whole + 1);
    fc.assert(
      fc.property(odd, odd, fc.integer({ min: 3, max: 8 }), (quantity, halves, decimals) => {
        const price = decimalText(BigInt(halves) * 5n * 10n ** BigInt(decimals - 3), decimals);
        const halfPence = BigInt(quantity) * BigInt(halves);
        const expected = halfPence < 0n ? (halfPence - 1n) / 2n : (halfPence + 1n) / 2n;
        expect(amountMinorOf(String(quantity), price)).toBe(Number(expected));
      }),
    );
  });

  it.each([
    ['1', '0.005', 1],
    ['-1', '0.005', -1],
    ['1', '0.0049999', 0],
    ['3', '2.55', 765],
    ['-12', '0.125', -150],
    ['0', '-3.1', 0],
    ['1', '90071992547409.91', 9_007_199_254_740_991],
    ['1', '90071992547409.92', undefined],
    ['999999999999999', '999999999999999', undefined],
  ])('makes %s x %s into %s pence', (quantity, price, expected) => {
    expect(amountMinorOf(quantity, price)).toBe(expected);
  });

  it.each(['', '-', '1.', '.5', '+1', '1e3', '01', ' 1', '1,000', 'NaN', '1.12345678901', '１'])('takes %j for no number', (text) => {
    expect(isDecimal(text)).toBe(false);
  });
});
