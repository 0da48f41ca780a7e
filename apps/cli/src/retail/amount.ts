const DECIMAL = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?$/;

/** Whether a text is a decimal number as the contracts have it. */
export const isDecimal = (text: string): boolean => DECIMAL.test(text);

/** A decimal number as whole units of its last digit. */
function scaled(text: string): { units: bigint; decimals: number } {
  const point = text.indexOf('.');
  if (point < 0) return { units: BigInt(text), decimals: 0 };
  return { units: BigInt(text.slice(0, point) + text.slice(point + 1)), decimals: text.length - point - 1 };
}

function dividedHalfAway(value: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  return value < 0n ? -((half - value) / divisor) : (value + half) / divisor;
}

/**
 * Quantity x unit price in minor units of a currency with two decimals, exactly, half away from zero.
 *
 * @returns undefined where it lies beyond 2^53 - 1
 */
export function amountMinorOf(quantity: string, unitPrice: string): number | undefined {
  const one = scaled(quantity);
  const other = scaled(unitPrice);
  const product = one.units * other.units;
  const excess = one.decimals + other.decimals - 2;
  const minor = excess <= 0 ? product * 10n ** BigInt(-excess) : dividedHalfAway(product, 10n ** BigInt(excess));
  const amount = Number(minor);
  return Number.isSafeInteger(amount) ? amount : undefined;
}
