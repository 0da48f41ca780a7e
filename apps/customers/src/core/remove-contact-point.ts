import type { CustomerEvent, RemoveContactPoint } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { existing, type Customer } from './customer.js';

/** Records that a contact point is a way to reach the customer no longer. */
export function removeContactPoint({ id, reason }: RemoveContactPoint, state: Customer): CustomerEvent[] {
  const { contactPoints, removedContactPoints } = existing(state);
  if (removedContactPoints.has(id)) return [];
  if (!contactPoints.some((point) => point.id === id)) {
    throw new CommandRejected('not-found', 'contact-point-not-found', 'This customer has no contact point of that id.');
  }
  return [{ type: 'ContactPointRemoved', data: { id, ...(reason !== undefined && { reason }) } }];
}
