import type { CustomerEvent, UntagCustomer } from '@annals/contracts';
import { existing, unlessSo, type Customer } from './customer.js';

/**
 * Takes a tag off the customer.
 *
 * @param at - from when
 */
export function untagCustomer({ tag }: UntagCustomer, state: Customer, at: string): CustomerEvent[] {
  return unlessSo(existing(state), { type: 'CustomerUntagged', data: { tag } }, at);
}
