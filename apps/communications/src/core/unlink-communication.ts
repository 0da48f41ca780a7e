import type { CommunicationEvent, UnlinkCommunication } from '@annals/contracts';
import { isSame, mustBeLogged, mustHaveRoom, type Communication } from './communication.js';

/** Withdraws a subject of a communication. */
export function unlinkCommunication({ subject, reason }: UnlinkCommunication, state: Communication): CommunicationEvent[] {
  const logged = mustBeLogged(state);
  if (!logged.subjects.some((known) => isSame(known, subject))) return [];
  mustHaveRoom(logged, 'subjects');
  return [{ type: 'CommunicationUnlinked', data: { subject, ...(reason !== undefined && { reason }) } }];
}
