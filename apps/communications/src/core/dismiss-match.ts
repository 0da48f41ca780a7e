import type { CommunicationEvent, DismissMatch } from '@annals/contracts';
import { mustBeLogged, mustHaveRoom, type Communication } from './communication.js';

/** Declines customers that an address suggests: those about whom nobody has spoken yet. */
export function dismissMatch({ customers, reason }: DismissMatch, state: Communication): CommunicationEvent[] {
  const logged = mustBeLogged(state);
  const open = [...new Set(customers)].filter((customer) => !logged.judged.includes(customer));
  if (open.length === 0) return [];
  mustHaveRoom(logged, 'dismissals');
  return [{ type: 'CommunicationMatchDismissed', data: { customers: open, ...(reason !== undefined && { reason }) } }];
}
