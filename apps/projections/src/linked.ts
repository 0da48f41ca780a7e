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
export function customersOf(links: readonly Linked[]): string[] {
  return [...new Set(links.map(({ customer }) => customer))].sort();
}

function linkedTo(before: Linked[], subject: Subject): Linked[] {
  const { ref, as } = subject;
  return 'customer' in ref ? [...without(before, subject), { customer: ref.customer, as }] : before;
}

const without = (before: readonly Linked[], { ref, as }: Subject): Linked[] =>
  before.filter((link) => !('customer' in ref) || link.customer !== ref.customer || link.as !== as);
