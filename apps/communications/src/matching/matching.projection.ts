import { idOf, type RecordedEvent } from '@annals/contracts';
import type { Step } from '@annals/read-models';

/** A customer's contact point. */
export interface Owner {
  readonly to: 'owner';
  readonly digest: string;
  readonly customer: string;
  /** The customer's own. */
  readonly department: string;
  readonly contact_point: string;
  readonly added: number;
  readonly removed: number | null;
}

/** An address of a communication. */
export interface Sighting {
  readonly digest: string;
  readonly kind: string;
  readonly position: number;
  readonly cause: string;
}

/** A communication as it is for the matching of addresses. */
export interface Used {
  readonly to: 'communication';
  readonly id: string;
  readonly at: number;
  readonly department: string;
  readonly retracted: boolean;
  /** `as customer`, one for each link. */
  readonly links: readonly string[];
  readonly judged: readonly string[];
  readonly sightings: readonly Sighting[];
  /** From when the participants hold: a back-dated amendment does not overwrite a newer one. */
  readonly since: string;
}

/** What is remembered of a stream: a customer's contact points by id, or a communication. */
export type MatchingState = { readonly to: 'owners'; readonly department: string; readonly points: Readonly<Record<string, Owner>> } | Used;
/** What changes in the tables. */
export type MatchingChange = Owner | Used;

/** Finds the digest of an address; undefined where the address is erased. */
export type DigestOf = (address: NonNullable<Participants[number]['address']>) => string | undefined;

type ContactPoint = RecordedEvent<'ContactPointAdded'>['data'];
type Participants = RecordedEvent<'CommunicationLogged'>['data']['participants'];
type Next = Step<MatchingState, MatchingChange>;

/** One event's effect: contact points come and go, addresses are used, and people say whose they were. */
export const matchingStep =
  (digestOf: DigestOf) =>
  (state: MatchingState | undefined, event: RecordedEvent): Next => {
    switch (event.type) {
      case 'CustomerRegistered':
        return added(state, event, event.data.contactPoints, digestOf);
      case 'ContactPointAdded':
        return added(state, event, [event.data], digestOf);
      case 'ContactPointRemoved':
        return removed(state, event);
      case 'CommunicationLogged':
        return now(logged(event, digestOf));
      default:
        return state?.to === 'communication' ? now(later(state, event, digestOf)) : { state, changes: [] };
    }
  };

const now = (used: Used): Next => ({ state: used, changes: [used] });

function added(state: MatchingState | undefined, { stream, position, metadata }: RecordedEvent, points: readonly ContactPoint[], digestOf: DigestOf): Next {
  const { points: known, department } = state?.to === 'owners' ? state : { points: {}, department: metadata.department };
  const owners = points.flatMap((point): Owner[] => {
    const digest = digestOf(point);
    return digest === undefined ? [] : [{ to: 'owner', digest, customer: idOf(stream), department, contact_point: point.id, added: position, removed: null }];
  });
  return { state: { to: 'owners', department, points: { ...known, ...Object.fromEntries(owners.map((owner) => [owner.contact_point, owner])) } }, changes: owners };
}

function removed(state: MatchingState | undefined, { data, position }: RecordedEvent<'ContactPointRemoved'>): Next {
  const owner = state?.to === 'owners' ? state.points[data.id] : undefined;
  if (state?.to !== 'owners' || owner === undefined) return { state, changes: [] };
  const points = Object.fromEntries(Object.entries(state.points).filter(([id]) => id !== data.id));
  return { state: { ...state, points }, changes: [{ ...owner, removed: position }] };
}

function logged(event: RecordedEvent<'CommunicationLogged'>, digestOf: DigestOf): Used {
  const { startedAt, subjects, participants } = event.data;
  const { department } = event.metadata;
  const links = subjects.flatMap(linkOf);
  const judged = links.map(customerOf);
  const sightings = seen(participants, event, [], digestOf);
  return { to: 'communication', id: idOf(event.stream), at: Date.parse(startedAt), department, retracted: false, links, judged, sightings, since: '' };
}

function later(state: Used, event: RecordedEvent, digestOf: DigestOf): Used {
  switch (event.type) {
    case 'CommunicationAmended':
      return amended(state, event, digestOf);
    case 'CommunicationLinked':
      return judging({ ...state, links: [...state.links, ...linkOf(event.data.subject)] }, linkOf(event.data.subject).map(customerOf));
    case 'CommunicationUnlinked': {
      const [gone] = linkOf(event.data.subject);
      return judging({ ...state, links: state.links.filter((link) => link !== gone) }, linkOf(event.data.subject).map(customerOf));
    }
    case 'CommunicationMatchDismissed':
      return judging(state, event.data.customers);
    case 'CommunicationRetracted':
      return { ...state, retracted: true };
    default:
      return state;
  }
}

function amended(state: Used, event: RecordedEvent<'CommunicationAmended'>, digestOf: DigestOf): Used {
  const { participants, startedAt } = event.data.changed;
  const { effectiveAt } = event.metadata;
  const at = startedAt === undefined ? state.at : Date.parse(startedAt);
  if (participants === undefined || effectiveAt < state.since) return { ...state, at };
  return { ...state, at, since: effectiveAt, sightings: seen(participants, event, state.sightings, digestOf) };
}

/** The addresses of others than the organisation's own staff, each with the event that named it first. */
function seen(participants: Participants, { position, id }: RecordedEvent, before: readonly Sighting[], digestOf: DigestOf): Sighting[] {
  const sightings = new Map<string, Sighting>();
  for (const { address, staffId } of participants) {
    const digest = address === undefined || staffId !== undefined ? undefined : digestOf(address);
    if (address === undefined || digest === undefined || sightings.has(digest)) continue;
    const known = before.find((sighting) => sighting.digest === digest);
    sightings.set(digest, known ?? { digest, kind: address.kind, position, cause: id });
  }
  return [...sightings.values()];
}

function judging(state: Used, customers: readonly string[]): Used {
  return { ...state, judged: [...new Set([...state.judged, ...customers])] };
}

type Linked = Pick<RecordedEvent<'CommunicationLinked'>['data']['subject'], 'ref' | 'as'>;
const linkOf = ({ ref, as }: Linked): string[] => ('customer' in ref ? [`${as} ${ref.customer}`] : []);

/** The customer of a link. */
export const customerOf = (link: string): string => link.slice(link.indexOf(' ') + 1);
