import type { AllowProfiling, CustomerEvent } from '@annals/contracts';
import { existing, unlessSo, type Customer } from './customer.js';

/**
 * Records that the customer has taken an objection to profiling back.
 *
 * @param at - from when
 */
export function allowProfiling({ reason }: AllowProfiling, state: Customer, at: string): CustomerEvent[] {
  return unlessSo(existing(state), { type: 'ProfilingAllowed', data: { ...(reason !== undefined && { reason }) } }, at);
}
