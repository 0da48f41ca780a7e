import type { CustomerEvent, ReactivateCustomer } from '@annals/contracts';
import { existing, unlessSo, type Customer } from './customer.js';

/**
 * Records that the customer is back.
 *
 * @param at - from when
 */
export function reactivateCustomer({ reason }: ReactivateCustomer, state: Customer, at: string): CustomerEvent[] {
  return unlessSo(existing(state), { type: 'CustomerReactivated', data: { reason } }, at);
}
