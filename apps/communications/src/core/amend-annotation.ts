import { canonicalJson, type AmendAnnotation, type AnnalsEvent, type CommunicationEvent } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import type { Authored } from './add-annotation.js';
import { mustBeLogged, mustHaveRoom, type Communication } from './communication.js';

/** Says what an annotation is from now on, in full. */
export function amendAnnotation(command: AmendAnnotation, state: Communication, unsaid: Authored): CommunicationEvent[] {
  const logged = mustBeLogged(state);
  const { id } = unsaid;
  const known = logged.annotations.get(id);
  if (known === undefined) throw new CommandRejected('not-found', 'annotation-not-found', 'The communication has no such annotation.');
  if (known === null) throw new CommandRejected('conflict', 'annotation-removed', 'This annotation was removed.');
  const { text, language, derived, author = unsaid.author } = command;
  const data: AnnalsEvent<'AnnotationAmended'>['data'] = {
    id,
    text,
    author,
    ...(language !== undefined && { language }),
    ...(derived !== undefined && { derived }),
  };
  if (canonicalJson({ ...data, kind: known.kind }) === canonicalJson(known)) return [];
  mustHaveRoom(logged, 'annotations');
  return [{ type: 'AnnotationAmended', data }];
}
