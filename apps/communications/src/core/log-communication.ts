import { normaliseAddress, type AnnalsEvent, type CommunicationEvent, type LogCommunication } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import type { Communication } from './communication.js';

type Participant = AnnalsEvent<'CommunicationLogged'>['data']['participants'][number];

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
  const parts = command.parts.map((part, index) => ({ ...part, id: part.id ?? newId(index) }));
  if (new Set(parts.map(({ id }) => id)).size < parts.length) {
    throw new CommandRejected('conflict', 'part-repeated', 'Two parts have one id.');
  }
  const data = {
    ...command,
    participants: command.participants.map(withNormalForm),
    subjects: command.subjects.map((subject) => ({ ...subject, linkedBy })),
    parts,
  };
  delete data.id;
  delete data.key;
  delete data.meta;
  return [{ type: 'CommunicationLogged', data }];
}

/** Addresses are facts and stay as they were used; the normal form is what they are found by. */
function withNormalForm({ address, ...participant }: LogCommunication['participants'][number]): Participant {
  if (address === undefined) return participant;
  const { kind, raw } = address;
  const normalised = typeof raw === 'string' ? normaliseAddress(kind, raw) : undefined;
  return { ...participant, address: { kind, raw, ...(normalised !== undefined && { normalised }) } };
}
