import type { AddContactPoint, CustomerEvent } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { contactPointOf, countryOf, existing, isSame, type Customer } from './customer.js';

const MAX_CONTACT_POINTS = 500;

/**
 * Records one more way to reach a customer.
 *
 * @param newId - its id, where the caller gives none
 */
export function addContactPoint(command: AddContactPoint, state: Customer, newId: string): CustomerEvent[] {
  const { values, contactPoints, removedContactPoints } = existing(state);
  const point = contactPointOf(command, newId, countryOf(values));
  if (contactPoints.some((known) => isSame(known, point))) return [];
  if (removedContactPoints.has(point.id) || contactPoints.some((known) => known.id === point.id)) {
    throw new CommandRejected('conflict', 'contact-point-already-recorded', 'This customer has, or had, another contact point of that id.');
  }
  if (contactPoints.length >= MAX_CONTACT_POINTS) {
    throw new CommandRejected('conflict', 'customer-contact-points-full', `A customer has at most ${MAX_CONTACT_POINTS} contact points.`);
  }
  return [{ type: 'ContactPointAdded', data: point }];
}
