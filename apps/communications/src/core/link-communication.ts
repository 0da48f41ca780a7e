import { canonicalJson, type CommunicationEvent, type LinkCommunication } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import type { Communication } from './communication.js';

const MAX_SUBJECTS = 500;

/**
 * Records one more subject of a communication.
 *
 * @param linkedBy - the actor
 */
export function linkCommunication({ ref, as, basis }: LinkCommunication, state: Communication, linkedBy: string): CommunicationEvent[] {
  if (state.kind === 'unknown') throw new CommandRejected('not-found', 'communication-not-found', 'There is no such communication.');
  const wanted = canonicalJson({ ref, as });
  if (state.subjects.some((known) => canonicalJson({ ref: known.ref, as: known.as }) === wanted)) return [];
  if (state.subjects.length >= MAX_SUBJECTS) {
    throw new CommandRejected('conflict', 'communication-subjects-full', `A communication has at most ${MAX_SUBJECTS} subjects.`);
  }
  return [{ type: 'CommunicationLinked', data: { subject: { ref, as, basis, linkedBy } } }];
}
