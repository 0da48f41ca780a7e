import type { CustomerEvent, VerifyContactPoint } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { existing, unlessSo, type Customer } from './customer.js';

/**
 * Records that a contact point is known to be the customer's.
 *
 * @param at - from when: it changes nothing where the same was known by then, and by the same method
 */
export function verifyContactPoint({ id, method }: VerifyContactPoint, state: Customer, at: string): CustomerEvent[] {
  const found = existing(state);
  if (!found.contactPoints.some((point) => point.id === id)) {
    throw new CommandRejected('not-found', 'contact-point-not-found', 'This customer has no contact point of that id.');
  }
  return unlessSo(found, { type: 'ContactPointVerified', data: { id, ...(method !== undefined && { method }) } }, at);
}
