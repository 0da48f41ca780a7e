import type { TransactionEvent, UnattributeTransaction } from '@annals/contracts';
import { existing, isSameParty, type Transaction } from './transaction.js';

/** Takes a customer's part in a transaction away. */
export function unattributeTransaction({ customerId, role }: UnattributeTransaction, state: Transaction): TransactionEvent[] {
  const party = { customerId, role };
  return existing(state).parties.some((known) => isSameParty(known, party)) ? [{ type: 'TransactionUnattributed', data: { party } }] : [];
}
