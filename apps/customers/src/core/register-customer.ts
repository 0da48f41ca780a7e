import type { CustomerEvent, RegisterCustomer } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { contactPointOf, isSame, type ContactPoint, type Customer } from './customer.js';

/**
 * Makes a customer known.
 *
 * @param newId - the id of the n-th contact point, where the caller gives none
 */
export function registerCustomer(command: RegisterCustomer, state: Customer, newId: (index: number) => string): CustomerEvent[] {
  if (state.kind !== 'unknown') {
    throw new CommandRejected('conflict', 'customer-already-recorded', 'This customer is recorded already, with other content.');
  }
  const contactPoints: ContactPoint[] = [];
  for (const [index, given] of (command.contactPoints ?? []).entries()) {
    const point = contactPointOf(given, newId(index), command.country);
    if (!contactPoints.some((known) => isSame(known, point))) contactPoints.push(point);
  }
  if (new Set(contactPoints.map(({ id }) => id)).size < contactPoints.length) {
    throw new CommandRejected('conflict', 'contact-point-repeated', 'Two contact points have one id.');
  }
  const data = { ...command, contactPoints };
  delete data.id;
  delete data.key;
  delete data.meta;
  return [{ type: 'CustomerRegistered', data }];
}
