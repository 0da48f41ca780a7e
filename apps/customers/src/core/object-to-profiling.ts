import type { CustomerEvent, ObjectToProfiling } from '@annals/contracts';
import { existing, unlessSo, type Customer } from './customer.js';

/**
 * Records that the customer does not want to be put into segments.
 *
 * @param at - from when
 */
export function objectToProfiling({ reason }: ObjectToProfiling, state: Customer, at: string): CustomerEvent[] {
  return unlessSo(existing(state), { type: 'ProfilingObjected', data: { ...(reason !== undefined && { reason }) } }, at);
}
