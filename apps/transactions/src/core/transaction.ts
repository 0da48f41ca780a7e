import type { AnnalsEvent, TransactionEvent } from '@annals/contracts';
import { CommandRejected, type Decider } from '@annals/kernel';

/** A customer's part in a transaction. */
export type Party = AnnalsEvent<'TransactionAttributed'>['data']['party'];

/** What the commands of transactions need to know of one that is there. */
export interface RecordedTransaction {
  readonly kind: 'recorded' | 'cancelled';
  readonly parties: readonly Party[];
}

/** What the commands of transactions need to know of one. */
export type Transaction = { readonly kind: 'unknown' } | RecordedTransaction;

/** Whether two parts are one: the same customer in the same role. */
export const isSameParty = (a: Party, b: Party): boolean => a.customerId === b.customerId && a.role === b.role;

/** A transaction's stream as its state. */
export const transaction: Decider<Transaction, TransactionEvent> = {
  initialState: { kind: 'unknown' },
  evolve: (state, event) => {
    if (event.type === 'TransactionRecorded') return { kind: 'recorded', parties: event.data.parties };
    if (state.kind === 'unknown') return state;
    switch (event.type) {
      case 'TransactionCancelled':
        return { ...state, kind: 'cancelled' };
      case 'TransactionAttributed':
        return { ...state, parties: [...state.parties, event.data.party] };
      case 'TransactionUnattributed':
        return { ...state, parties: state.parties.filter((party) => !isSameParty(party, event.data.party)) };
      default:
        return state;
    }
  },
};

/** @throws CommandRejected where there is no such transaction */
export function existing(state: Transaction): RecordedTransaction {
  if (state.kind === 'unknown') throw new CommandRejected('not-found', 'transaction-not-found', 'There is no such transaction.');
  return state;
}
