import { canonicalJson, type AmendCommunication, type CommunicationEvent } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { mustBeLogged, mustHaveRoom, type Changed, type Communication, type Logged } from './communication.js';
import { withIds, withNormalForm } from './content.js';

/** What the amendment needs that the caller does not say. */
export interface Amending {
  /** From when it holds: what is compared is the communication as it was then, since platforms report edits in any order. */
  readonly at: string;
  /** The id of the n-th part, where it is a new one. */
  readonly newId: (index: number) => string;
}

/** Records those fields that the communication did not have, each in full. */
export function amendCommunication({ changed: said, reason, by }: AmendCommunication, state: Communication, { at, newId }: Amending): CommunicationEvent[] {
  const logged = mustBeLogged(state);
  if (logged.isRetracted) throw new CommandRejected('conflict', 'communication-retracted', 'This communication is retracted, and is amended no more.');
  const { participants, parts, ...plain } = said;
  const wanted: Changed = {
    ...plain,
    ...(participants !== undefined && { participants: participants.map(withNormalForm) }),
    ...(parts !== undefined && { parts: withIds(parts, contentAt(logged, at).parts, newId) }),
  };
  const before: Changed = contentAt(logged, at);
  const differs = ([field, value]: [string, unknown]): boolean =>
    value !== undefined && canonicalJson(value) !== canonicalJson(before[field as keyof Changed] ?? null);
  const changed: Changed = Object.fromEntries(Object.entries(wanted).filter(differs));
  if (Object.keys(changed).length === 0) return [];
  mustHaveRoom(logged, 'amendments');
  return [{ type: 'CommunicationAmended', data: { changed, reason, by } }];
}

/** The content as it held at an instant: of two amendments from one instant the later recorded one counts. */
export function contentAt({ content, amendments }: Logged, at: string): Logged['content'] {
  const held = amendments.filter(({ effectiveAt }) => effectiveAt <= at).toSorted((a, b) => (a.effectiveAt < b.effectiveAt ? -1 : Number(a.effectiveAt > b.effectiveAt)));
  return Object.assign({}, content, ...held.map(({ changed }) => changed)) as Logged['content'];
}
