import type { CommunicationEvent, LinkCommunication } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { isSame, mustBeLogged, mustHaveRoom, type Communication } from './communication.js';

const MAX_SUBJECTS = 500;

/**
 * Records one more subject of a communication.
 *
 * @param linkedBy - the actor
 */
export function linkCommunication({ ref, as, basis }: LinkCommunication, state: Communication, linkedBy: string): CommunicationEvent[] {
  const logged = mustBeLogged(state);
  if (logged.subjects.some((known) => isSame(known, { ref, as }))) return [];
  if (logged.subjects.length >= MAX_SUBJECTS) {
    throw new CommandRejected('conflict', 'communication-subjects-full', `A communication has at most ${MAX_SUBJECTS} subjects.`);
  }
  mustHaveRoom(logged, 'subjects');
  return [{ type: 'CommunicationLinked', data: { subject: { ref, as, basis, linkedBy } } }];
}

/**
 * Records the customer to whom an address belongs as a subject, unless somebody has spoken about this customer
 * already, whatever they said, or the communication is retracted.
 *
 * @param linkedBy - the service itself
 */
export function linkByAddress(customer: string, state: Communication, linkedBy: string): CommunicationEvent[] {
  const logged = mustBeLogged(state);
  if (logged.isRetracted || logged.judged.includes(customer)) return [];
  return linkCommunication({ ref: { customer }, as: 'party', basis: 'address' }, logged, linkedBy);
}
