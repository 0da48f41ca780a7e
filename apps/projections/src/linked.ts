import type { AnnalsEvent, RecordedEvent } from '@annals/contracts';

type Subject = Pick<AnnalsEvent<'CommunicationLinked'>['data']['subject'], 'ref' | 'as'>;

/** A customer whom a communication concerns, and how. One may be in it in several ways, and each is unlinked for itself. */
export interface Linked {
  readonly customer: string;
  readonly as: Subject['as'];
}

/** The customers among the subjects that a communication is logged with. */
export function linkedAtFirst(subjects: readonly Subject[]): Linked[] {
  return subjects.reduce<Linked[]>(linkedTo, []);
}

/** The links after one of them is added or taken away; a subject that is no customer changes nothing. */
export function linkedAfter(before: readonly Linked[], event: RecordedEvent<'CommunicationLinked' | 'CommunicationUnlinked'>): Linked[] {
  const { subject } = event.data;
  return event.type === 'CommunicationLinked' ? linkedTo([...before], subject) : without(before, subject);
}

/** Each customer once, in order. */
export const customersOf = (links: readonly Linked[]): string[] => inOrder(links.map(({ customer }) => customer));

/** Each id once, in order. */
export const inOrder = (ids: readonly string[]): string[] => (ids.length < 2 ? [...ids] : [...new Set(ids)].sort());

function linkedTo(before: Linked[], subject: Subject): Linked[] {
  const { ref, as } = subject;
  if (!('customer' in ref)) return before;
  const after = before.length === 0 ? [] : without(before, subject);
  after.push({ customer: ref.customer, as });
  return after;
}

const without = (before: readonly Linked[], { ref, as }: Subject): Linked[] =>
  before.filter((link) => !('customer' in ref) || link.customer !== ref.customer || link.as !== as);
