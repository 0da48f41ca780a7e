import type { CommunicationEvent, RetractCommunication } from '@annals/contracts';
import { mustBeLogged, type Communication } from './communication.js';

/** Records that a communication is not to be read as said; the first retraction stands. */
export function retractCommunication({ reason, by }: RetractCommunication, state: Communication): CommunicationEvent[] {
  return mustBeLogged(state).isRetracted ? [] : [{ type: 'CommunicationRetracted', data: { reason, by } }];
}
