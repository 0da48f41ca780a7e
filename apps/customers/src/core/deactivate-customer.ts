import type { CustomerEvent, DeactivateCustomer } from '@annals/contracts';
import { existing, unlessSo, type Customer } from './customer.js';

/**
 * Records that nothing is to be done for the customer any more. Another reason alone changes nothing.
 *
 * @param at - from when
 */
export function deactivateCustomer({ reason }: DeactivateCustomer, state: Customer, at: string): CustomerEvent[] {
  return unlessSo(existing(state), { type: 'CustomerDeactivated', data: { reason } }, at);
}
