import type { CommunicationEvent, LogCommunication } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import type { Communication } from './communication.js';
import { withIds, withNormalForm } from './content.js';

/** What the event holds that the caller does not say. */
export interface Made {
  /** The id of the n-th part, where the caller gives none. */
  readonly newId: (index: number) => string;
  /** Who links the subjects: the actor. */
  readonly linkedBy: string;
}

/** Records that something was said. */
export function logCommunication(command: LogCommunication, state: Communication, { newId, linkedBy }: Made): CommunicationEvent[] {
  if (state.kind !== 'unknown') {
    throw new CommandRejected('conflict', 'communication-already-recorded', 'This communication is recorded already, with other content.');
  }
  const data = {
    ...command,
    participants: command.participants.map(withNormalForm),
    subjects: command.subjects.map((subject) => ({ ...subject, linkedBy })),
    parts: withIds(command.parts, [], newId),
  };
  delete data.id;
  delete data.key;
  delete data.meta;
  return [{ type: 'CommunicationLogged', data }];
}
