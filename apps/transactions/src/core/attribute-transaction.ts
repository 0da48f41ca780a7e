import type { AttributeTransaction, TransactionEvent } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { existing, isSameParty, type Transaction } from './transaction.js';

const MAX_PARTIES = 20;

/** Gives a customer a part in a transaction, cancelled or not: whose it was is said of the record. */
export function attributeTransaction({ customerId, role }: AttributeTransaction, state: Transaction): TransactionEvent[] {
  const { parties } = existing(state);
  const party = { customerId, role };
  if (parties.some((known) => isSameParty(known, party))) return [];
  if (parties.length >= MAX_PARTIES) {
    throw new CommandRejected('conflict', 'transaction-parties-full', `A transaction has at most ${MAX_PARTIES} parties.`);
  }
  return [{ type: 'TransactionAttributed', data: { party } }];
}
