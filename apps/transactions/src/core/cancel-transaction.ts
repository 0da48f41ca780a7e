import type { CancelTransaction, TransactionEvent } from '@annals/contracts';
import { existing, type Transaction } from './transaction.js';

/** Takes a transaction out of what counts. */
export function cancelTransaction({ reason }: CancelTransaction, state: Transaction): TransactionEvent[] {
  return existing(state).kind === 'cancelled' ? [] : [{ type: 'TransactionCancelled', data: { reason } }];
}
