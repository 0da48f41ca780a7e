import type { RecordTransaction, TransactionEvent } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { priceMinor } from './money.js';
import { isSameParty, type Transaction } from './transaction.js';

type Line = RecordTransaction['lines'][number];

/** Records what was ordered, billed or paid, if its sums are right to the last minor unit. */
export function recordTransaction(command: RecordTransaction, state: Transaction): TransactionEvent[] {
  if (state.kind !== 'unknown') {
    throw new CommandRejected('conflict', 'transaction-already-recorded', 'This transaction is recorded already, with other content.');
  }
  let total = 0n;
  for (const [index, line] of command.lines.entries()) total += checked(line, index, command.currency);
  for (const { amountMinor } of command.charges ?? []) total += BigInt(amountMinor);
  for (const { amountMinor } of command.discounts ?? []) total -= BigInt(amountMinor);
  const difference = BigInt(command.totalMinor) - total;
  if (difference !== 0n) {
    throw new CommandRejected(
      'conflict',
      'total-differs',
      `/totalMinor is ${command.totalMinor}, and lines, taxes, charges and discounts come to ${total}: a difference of ${difference}.`,
    );
  }
  return [{ type: 'TransactionRecorded', data: recorded(command) }];
}

/** The line's amount with its tax, if the amount is what quantity, price, discount and rounding make. */
function checked(line: Line, index: number, currency: string): bigint {
  const expected = priceMinor(line.quantity, line.unitPrice, currency) - BigInt(line.discountMinor ?? 0) + BigInt(line.roundingMinor ?? 0);
  const difference = BigInt(line.amountMinor) - expected;
  if (difference === 0n) return expected + BigInt(line.taxMinor ?? 0);
  throw new CommandRejected(
    'conflict',
    'line-amount-differs',
    `/lines/${index}/amountMinor is ${line.amountMinor}, and quantity x unitPrice with discount and rounding comes to ${expected}: a difference of ${difference}.`,
  );
}

/** The command without what belongs to the envelope, and with each party once. */
function recorded(command: RecordTransaction): Extract<TransactionEvent, { type: 'TransactionRecorded' }>['data'] {
  const { parties } = command;
  const distinct = parties.filter((party, index) => parties.findIndex((other) => isSameParty(other, party)) === index);
  const data = { ...command, parties: distinct };
  delete data.id;
  delete data.key;
  delete data.meta;
  return data;
}
