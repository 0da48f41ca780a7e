import type { CommunicationEvent, RemoveAnnotation } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { mustBeLogged, mustHaveRoom, type Communication } from './communication.js';

/** Takes an annotation away; what it said stays in the history. */
export function removeAnnotation({ reason }: RemoveAnnotation, state: Communication, id: string): CommunicationEvent[] {
  const logged = mustBeLogged(state);
  const known = logged.annotations.get(id);
  if (known === undefined) throw new CommandRejected('not-found', 'annotation-not-found', 'The communication has no such annotation.');
  if (known === null) return [];
  mustHaveRoom(logged, 'annotations');
  return [{ type: 'AnnotationRemoved', data: { id, ...(reason !== undefined && { reason }) } }];
}
