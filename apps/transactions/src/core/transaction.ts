import type { TransactionEvent } from '@annals/contracts';
import type { Decider } from '@annals/kernel';

/** What the commands of transactions need to know of one. */
export type Transaction = { readonly kind: 'unknown' } | { readonly kind: 'recorded' } | { readonly kind: 'cancelled' };

/** A transaction's stream as its state. */
export const transaction: Decider<Transaction, TransactionEvent> = {
  initialState: { kind: 'unknown' },
  evolve: (state, event) => {
    switch (event.type) {
      case 'TransactionRecorded':
        return { kind: 'recorded' };
      case 'TransactionCancelled':
        return { kind: 'cancelled' };
      default:
        return state;
    }
  },
};
