import type { AnnalsEvent, ChangeProfile, CustomerEvent } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { valuesOf, type Customer } from './customer.js';
import { holds, latest, withValues } from './registers.js';

type Changed = AnnalsEvent<'CustomerProfileChanged'>['data'];

/** As many as a customer's card can show. */
const MAX_ATTRIBUTES = 100;

/**
 * Records those values of a profile that the customer did not have.
 *
 * @param at - from when they hold: what is compared is the profile as it was then
 */
export function changeProfile(command: ChangeProfile, state: Customer, at: string): CustomerEvent[] {
  if (state.kind === 'unknown') throw new CommandRejected('not-found', 'customer-not-found', 'There is no such customer.');
  const isNew = (field: string, value: unknown): boolean => value !== undefined && !holds(state.profile, field, value, at);
  const { name, language, country, zone, birthday } = command;
  const attributes = Object.entries(command.attributes ?? {}).filter(([key, value]) => isNew(`attributes/${key}`, value));
  const fields = Object.entries({ name, language, country, zone, birthday }).filter(([field, value]) => isNew(field, value));
  const data: Changed = { ...Object.fromEntries(fields), ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }) };
  if (Object.keys(data).length === 0) return [];
  const profile = withValues(state.profile, valuesOf(data), at);
  const held = [...profile.keys()].filter((field) => field.startsWith('attributes/') && latest(profile, field) !== null);
  if (held.length > MAX_ATTRIBUTES) {
    throw new CommandRejected('conflict', 'customer-attributes-full', `A customer has at most ${MAX_ATTRIBUTES} attributes.`);
  }
  return [{ type: 'CustomerProfileChanged', data }];
}
