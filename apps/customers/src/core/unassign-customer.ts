import type { CustomerEvent, UnassignCustomer } from '@annals/contracts';
import { existing, unlessSo, type Customer } from './customer.js';

/**
 * Ends an assignment: nobody has the role any more.
 *
 * @param at - from when
 */
export function unassignCustomer({ role }: UnassignCustomer, state: Customer, at: string): CustomerEvent[] {
  return unlessSo(existing(state), { type: 'CustomerUnassigned', data: { role } }, at);
}
