import type { CustomerEvent, TagCustomer } from '@annals/contracts';
import { checkRoom, existing, unlessSo, type Customer } from './customer.js';
import { withValues } from './registers.js';
import { setBy } from './values.js';

const MAX_TAGS = 100;

/**
 * Puts a tag on the customer.
 *
 * @param at - from when: it changes nothing where the customer had it by then
 */
export function tagCustomer({ tag }: TagCustomer, state: Customer, at: string): CustomerEvent[] {
  const found = existing(state);
  const event = { type: 'CustomerTagged', data: { tag } } as const;
  checkRoom(withValues(found.values, setBy(event), at), 'tags', MAX_TAGS);
  return unlessSo(found, event, at);
}
