import { normaliseAddress, type CommunicationContent, type LogCommunication } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import type { Participant } from './communication.js';

type Part = CommunicationContent['parts'][number];
type NewParticipant = LogCommunication['participants'][number];
type NewPart = LogCommunication['parts'][number];

/** Addresses are facts and stay as they were used; the normal form is what they are found by. */
export function withNormalForm({ address, ...participant }: NewParticipant): Participant {
  if (address === undefined) return participant;
  const { kind, raw } = address;
  const normalised = typeof raw === 'string' ? normaliseAddress(kind, raw) : undefined;
  return { ...participant, address: { kind, raw, ...(normalised !== undefined && { normalised }) } };
}

/**
 * The parts with their ids: a part without one keeps that of the part in its place which has its role.
 *
 * @param newId - makes the id of the n-th part
 * @throws CommandRejected where two parts have one id
 */
export function withIds(parts: readonly NewPart[], before: readonly Part[], newId: (index: number) => string): Part[] {
  const identified = parts.map((part, index) => {
    const replaced = before[index]?.role === part.role ? before[index]?.id : undefined;
    return { ...part, id: part.id ?? replaced ?? newId(index) };
  });
  if (new Set(identified.map(({ id }) => id)).size === identified.length) return identified;
  throw new CommandRejected('conflict', 'part-repeated', 'Two parts have one id.');
}
