import type { AnnalsEvent, ChangeProfile, CustomerEvent } from '@annals/contracts';
import { checkRoom, existing, type Customer } from './customer.js';
import { holds, withValues } from './registers.js';
import { setBy } from './values.js';

type Changed = AnnalsEvent<'CustomerProfileChanged'>['data'];

/** As many as a customer's card can show. */
const MAX_ATTRIBUTES = 100;
const MAX_NAMES = 10;

/**
 * Records those values of a profile that the customer did not have.
 *
 * @param at - from when they hold: what is compared is the profile as it was then
 */
export function changeProfile(command: ChangeProfile, state: Customer, at: string): CustomerEvent[] {
  const { values } = existing(state);
  const newOf = <T>(given: Readonly<Record<string, T>>, group = ''): [string, T][] =>
    Object.entries(given).filter(([field, value]) => value !== undefined && !holds(values, group + field, value, at));
  const { name, language, country, zone, birthday } = command;
  const names = newOf(command.names ?? {}, 'names/');
  const attributes = newOf(command.attributes ?? {}, 'attributes/');
  const data: Changed = {
    ...Object.fromEntries(newOf<unknown>({ name, language, country, zone, birthday })),
    ...(names.length > 0 && { names: Object.fromEntries(names) }),
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
  };
  if (Object.keys(data).length === 0) return [];
  const changed = withValues(values, setBy({ type: 'CustomerProfileChanged', data }), at);
  checkRoom(changed, 'attributes', MAX_ATTRIBUTES);
  checkRoom(changed, 'names', MAX_NAMES);
  return [{ type: 'CustomerProfileChanged', data }];
}
