import { recordTransaction as contract } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recordTransaction } from './record-transaction.js';
import { transaction } from './transaction.js';

const minor = fc.integer({ min: -1_000_000, max: 1_000_000 });
const lines = fc.array(
  fc.record({
    /** In thousandths. */
    quantity: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    /** In thousandths of a major unit. */
    price: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    discountMinor: fc.option(minor, { nil: undefined }),
    taxMinor: fc.option(minor, { nil: undefined }),
    roundingMinor: fc.option(minor, { nil: undefined }),
  }),
  { maxLength: 6 },
);
const extras = fc.array(fc.record({ code: fc.constantFrom('postage', 'fee'), amountMinor: minor }), { maxLength: 3 });

function thousandths(value: number): string {
  const digits = Math.abs(value).toString().padStart(4, '0');
  return `${value < 0 ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

/** Millionths of a major unit as hundredths, half away from zero: by quotient and remainder, which the code under test does not use. */
function hundredths(millionths: bigint): bigint {
  const size = millionths < 0n ? -millionths : millionths;
  const rounded = size / 10_000n + (size % 10_000n >= 5_000n ? 1n : 0n);
  return millionths < 0n ? -rounded : rounded;
}

const sum = (values: readonly (number | undefined)[]): bigint => values.reduce((total, value) => total + BigInt(value ?? 0), 0n);

/** A document whose sums are right, by a calculation of its own. */
const documents = fc.record({ lines, charges: extras, discounts: extras }).map(({ lines: given, charges, discounts }) => {
  const counted = given.map(({ quantity, price, ...rest }) => {
    const amount = hundredths(BigInt(quantity) * BigInt(price)) - BigInt(rest.discountMinor ?? 0) + BigInt(rest.roundingMinor ?? 0);
    return { quantity: thousandths(quantity), unitPrice: thousandths(price), ...rest, amountMinor: Number(amount) };
  });
  const total = sum(counted.flatMap(({ amountMinor, taxMinor }) => [amountMinor, taxMinor])) + sum(charges.map((each) => each.amountMinor)) - sum(discounts.map((each) => each.amountMinor));
  return { kind: 'invoice', issuedOn: '2024-02-29', currency: 'GBP', lines: counted, charges, discounts, totalMinor: Number(total) };
});

const record = (body: unknown) => recordTransaction(contract.parse(body), transaction.initialState);

function refusal(body: unknown): CommandRejected {
  try {
    record(body);
  } catch (error) {
    if (error instanceof CommandRejected) return error;
    throw error;
  }
  throw new Error('it was recorded');
}

const error = fc.integer({ min: -5_000, max: 5_000 }).filter((by) => by !== 0);

describe('the sums of a transaction', () => {
  it('are taken where they are right', () => {
    fc.assert(fc.property(documents, (body) => expect(record(body)).toMatchObject([{ type: 'TransactionRecorded', data: { totalMinor: body.totalMinor } }])), { numRuns: 500 });
  });

  it('are refused with the difference where the total is wrong', () => {
    fc.assert(
      fc.property(documents, error, (body, by) => {
        const { code, detail } = refusal({ ...body, totalMinor: body.totalMinor + by });
        expect([code, detail.startsWith('/totalMinor is '), detail.endsWith(`a difference of ${by}.`)]).toEqual(['total-differs', true, true]);
      }),
    );
  });

  it('are refused with the difference and the line where a line is wrong, also if the total is right with it', () => {
    fc.assert(
      fc.property(documents, error, fc.nat(), (body, by, nth) => {
        fc.pre(body.lines.length > 0);
        const index = nth % body.lines.length;
        const wrong = body.lines.map((line, each) => (each === index ? { ...line, amountMinor: line.amountMinor + by } : line));
        const { code, detail } = refusal({ ...body, lines: wrong, totalMinor: body.totalMinor + by });
        expect([code, detail.startsWith(`/lines/${index}/amountMinor is `), detail.endsWith(`a difference of ${by}.`)]).toEqual(['line-amount-differs', true, true]);
      }),
    );
  });

  it('of nothing are zero', () => {
    expect(record({ kind: 'order', issuedOn: '2024-02-29', currency: 'GBP', lines: [], totalMinor: 0 })).toHaveLength(1);
  });
});
