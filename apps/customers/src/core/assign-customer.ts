import type { AssignCustomer, CustomerEvent } from '@annals/contracts';
import { checkRoom, existing, unlessSo, type Customer } from './customer.js';
import { withValues } from './registers.js';
import { setBy } from './values.js';

const MAX_ASSIGNMENTS = 50;

/**
 * Gives the customer to somebody in a role, in place of whoever had that role. Other roles stay as they are.
 *
 * @param at - from when: it changes nothing where the same held it by then
 */
export function assignCustomer({ role, staffId, department }: AssignCustomer, state: Customer, at: string): CustomerEvent[] {
  const found = existing(state);
  const event = { type: 'CustomerAssigned', data: { role, ...(staffId !== undefined && { staffId }), department } } as const;
  checkRoom(withValues(found.values, setBy(event), at), 'assignments', MAX_ASSIGNMENTS);
  return unlessSo(found, event, at);
}
