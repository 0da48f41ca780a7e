import { canonicalJson, type AddAnnotation, type CommunicationEvent } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { mustBeLogged, mustHaveRoom, type Annotation, type Communication } from './communication.js';

/** What an annotation has that the caller may leave out. */
export interface Authored {
  readonly id: string;
  /** The actor. */
  readonly author: string;
}

/** Adds a remark, a person's or one derived by a model, beside the words; never in their place. */
export function addAnnotation(command: AddAnnotation, state: Communication, unsaid: Authored): CommunicationEvent[] {
  const logged = mustBeLogged(state);
  const { kind, text, language, derived, id = unsaid.id, author = unsaid.author } = command;
  const data: Annotation = { id, kind, text, author, ...(language !== undefined && { language }), ...(derived !== undefined && { derived }) };
  const known = logged.annotations.get(id);
  if (known && canonicalJson(known) === canonicalJson(data)) return [];
  if (known !== undefined) throw new CommandRejected('conflict', 'annotation-id-in-use', 'This id is taken by another annotation of the communication, or by one that was removed.');
  mustHaveRoom(logged, 'annotations');
  return [{ type: 'AnnotationAdded', data }];
}
