import type { CustomerEvent, WithdrawDismissal } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { existing, type Customer } from './customer.js';

/** Takes back that the customer and another are two, where that was said of this customer. */
export function withdrawDismissal({ other, reason }: WithdrawDismissal, state: Customer): CustomerEvent[] {
  const isDistinct = existing(state).distinctFrom.get(other);
  if (isDistinct === undefined) {
    throw new CommandRejected('not-found', 'dismissal-not-found', 'That they are two was not said of this customer; it may have been said of the other.');
  }
  return isDistinct ? [{ type: 'DuplicateDismissalWithdrawn', data: { other, reason } }] : [];
}
