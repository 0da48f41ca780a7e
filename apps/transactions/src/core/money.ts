/** ISO 4217: the currencies whose minor unit is not a hundredth. */
const DIGITS: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
  CLF: 4, UYW: 4,
};

/** A decimal number exactly: `units` / 10^`scale`. */
interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

function decimal(text: string): Decimal {
  const [whole = '0', fraction = ''] = text.split('.');
  return { units: BigInt(whole + fraction), scale: fraction.length };
}

/**
 * quantity x unitPrice in minor units of the currency, exactly, rounded half away from zero.
 *
 * @param quantity - a decimal number as text, of any sign
 * @param unitPrice - the same, in major units
 */
export function priceMinor(quantity: string, unitPrice: string, currency: string): bigint {
  const [a, b] = [decimal(quantity), decimal(unitPrice)];
  const product = a.units * b.units;
  const shift = (DIGITS[currency] ?? 2) - a.scale - b.scale;
  return shift >= 0 ? product * 10n ** BigInt(shift) : dividedHalfAway(product, 10n ** BigInt(-shift));
}

function dividedHalfAway(dividend: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  // BigInt division goes towards zero, so that half of the divisor is added on the dividend's own side of it.
  return dividend < 0n ? (dividend - half) / divisor : (dividend + half) / divisor;
}
