import type { CustomerEvent, DismissDuplicate } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { existing, type Customer } from './customer.js';

const MAX_DISMISSALS = 1_000;

/** Records that the customer and another are two, once for each other. Another reason alone changes nothing. */
export function dismissDuplicate({ other, reason }: DismissDuplicate, state: Customer, self: string): CustomerEvent[] {
  const { distinctFrom } = existing(state);
  if (other === self) throw new CommandRejected('conflict', 'customer-own-duplicate', 'A customer is no other than itself.');
  if (distinctFrom.get(other) === true) return [];
  if (!distinctFrom.has(other) && distinctFrom.size >= MAX_DISMISSALS) {
    throw new CommandRejected('conflict', 'customer-dismissals-full', `A customer is told apart from at most ${MAX_DISMISSALS} others.`);
  }
  return [{ type: 'DuplicateDismissed', data: { other, reason } }];
}
