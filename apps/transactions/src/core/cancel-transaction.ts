import type { CancelTransaction, TransactionEvent } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import type { Transaction } from './transaction.js';

/** Takes a transaction out of what counts. */
export function cancelTransaction({ reason }: CancelTransaction, state: Transaction): TransactionEvent[] {
  switch (state.kind) {
    case 'unknown':
      throw new CommandRejected('not-found', 'transaction-not-found', 'There is no such transaction.');
    case 'cancelled':
      return [];
    case 'recorded':
      return [{ type: 'TransactionCancelled', data: { reason } }];
  }
}
