import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { priceMinor } from './money.js';

/** A decimal number as text, and as units of 10^-scale. */
const decimals = fc
  .record({ units: fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }), scale: fc.integer({ min: 0, max: 10 }) })
  .map(({ units, scale }) => ({ units, scale, text: textOf(units, scale) }));

function textOf(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${units < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`;
}

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

describe('quantity x unit price in minor units', () => {
  it('is rounded half away from zero, on both sides of it', () => {
    expect(priceMinor('1', '0.005', 'GBP')).toBe(1n);
    expect(priceMinor('-1', '0.005', 'GBP')).toBe(-1n);
    expect(priceMinor('1', '0.0049', 'GBP')).toBe(0n);
    expect(priceMinor('-1', '0.0049', 'GBP')).toBe(0n);
    expect(priceMinor('3', '0.015', 'GBP')).toBe(5n);
    expect(priceMinor('-0.5', '0.03', 'GBP')).toBe(-2n);
    expect(priceMinor('1', '1.115', 'GBP')).toBe(112n);
  });

  it('follows the digits that ISO 4217 gives the currency', () => {
    expect(priceMinor('2', '1234', 'JPY')).toBe(2468n);
    expect(priceMinor('1', '0.5', 'JPY')).toBe(1n);
    expect(priceMinor('1', '1.2345', 'KWD')).toBe(1235n);
    expect(priceMinor('1', '1.2345', 'EUR')).toBe(123n);
    expect(priceMinor('1', '1.00005', 'CLF')).toBe(10_001n);
  });

  it('is the nearest whole number to the exact product, and of two the one further from zero', () => {
    fc.assert(
      fc.property(decimals, decimals, (quantity, price) => {
        const scale = 10n ** BigInt(quantity.scale + price.scale);
        const exact = quantity.units * price.units * 100n;
        const rounded = priceMinor(quantity.text, price.text, 'GBP');
        const error = rounded * scale - exact;
        expect(absolute(error) * 2n <= scale).toBe(true);
        if (absolute(error) * 2n === scale) expect(absolute(rounded) * scale > absolute(exact)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('rounds every tie away from zero', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), (minor) => {
        const tie = minor * 10n + (minor < 0n ? -5n : 5n);
        expect(priceMinor('1', textOf(tie, 3), 'GBP')).toBe(minor < 0n ? minor - 1n : minor + 1n);
      }),
    );
  });

  it('changes its sign with the quantity', () => {
    fc.assert(
      fc.property(decimals, decimals, (quantity, price) => {
        expect(priceMinor(textOf(-quantity.units, quantity.scale), price.text, 'GBP')).toBe(-priceMinor(quantity.text, price.text, 'GBP'));
      }),
    );
  });
});
