import type { AddReference, CustomerEvent } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { existing, referenceKey, type Customer } from './customer.js';

const MAX_REFERENCES = 100;

/** Records one more name that another system has for the customer. That nobody else has it is for its claim to say. */
export function addReference({ system, id }: AddReference, state: Customer): CustomerEvent[] {
  const { references } = existing(state);
  if (references.get(referenceKey({ system, id }))?.isHeld === true) return [];
  if ([...references.values()].filter(({ isHeld }) => isHeld).length >= MAX_REFERENCES) {
    throw new CommandRejected('conflict', 'customer-references-full', `A customer has at most ${MAX_REFERENCES} references.`);
  }
  return [{ type: 'ReferenceAdded', data: { system, id } }];
}
