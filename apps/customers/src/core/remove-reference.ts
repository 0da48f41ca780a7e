import type { CustomerEvent, RemoveReference } from '@annals/contracts';
import { existing, referenceKey, type Customer } from './customer.js';

/**
 * Takes a reference away from a customer, so that another one may get it.
 *
 * @param claimedAt - position of the customer's claim on it, where it has one. A claim that no removal follows
 * may belong to an addition that is under way: the event is written even if the customer has not got the
 * reference yet, for it makes that addition start over.
 */
export function removeReference({ system, id }: RemoveReference, state: Customer, claimedAt: number | undefined): CustomerEvent[] {
  const reference = existing(state).references.get(referenceKey({ system, id }));
  const isClaimed = claimedAt !== undefined && claimedAt > (reference?.removedAt ?? -1);
  return reference?.isHeld === true || isClaimed ? [{ type: 'ReferenceRemoved', data: { system, id } }] : [];
}
