import { canonicalJson, type AnnalsEvent, type CommunicationContent, type CommunicationEvent } from '@annals/contracts';
import { CommandRejected, type Decider } from '@annals/kernel';

/** Whom or what a communication concerns, as events hold it. */
export type Subject = AnnalsEvent<'CommunicationLinked'>['data']['subject'];
/** One who took part, as events hold it. */
export type Participant = CommunicationContent['participants'][number];
/** A remark on a communication as it stands. */
export type Annotation = AnnalsEvent<'AnnotationAdded'>['data'];
/** Fields that an amendment set. */
export type Changed = AnnalsEvent<'CommunicationAmended'>['data']['changed'];

/** An amendment, and from when it holds. */
export interface Amendment {
  readonly changed: Changed;
  readonly effectiveAt: string;
}

/** What the commands of communications need to know of one that is logged. */
export interface Logged {
  readonly kind: 'logged';
  readonly content: CommunicationContent;
  /** In the order in which they were recorded. */
  readonly amendments: readonly Amendment[];
  readonly subjects: readonly Subject[];
  /** Customers of whom somebody has said whether they took part: linked now or before, or declined. */
  readonly judged: readonly string[];
  readonly isRetracted: boolean;
  /** Delivery reports, each in canonical JSON. */
  readonly reports: readonly string[];
  /** By id; null where it was removed. */
  readonly annotations: ReadonlyMap<string, Annotation | null>;
  /** Events so far, by the room that they take from. */
  readonly counts: Readonly<Record<Room, number>>;
}

/** What the commands of communications need to know of one. */
export type Communication = { readonly kind: 'unknown' } | Logged;

/** How many events of each sort a communication takes: a stream ends at 10,000, and none may leave no room for the others. */
const ROOM = { amendments: 1_000, subjects: 1_500, dismissals: 100, reports: 2_000, annotations: 3_000 } as const;

/** A sort of events that has a bound of its own. */
export type Room = keyof typeof ROOM;

const NO_EVENTS: Logged['counts'] = { amendments: 0, subjects: 0, dismissals: 0, reports: 0, annotations: 0 };

/** A communication's stream as its state. */
export const communication: Decider<Communication, CommunicationEvent> = {
  initialState: { kind: 'unknown' },
  evolve: (state, event) => {
    if (event.type === 'CommunicationLogged') return logged(event.data);
    return state.kind === 'unknown' ? state : later(state, event, event.metadata.effectiveAt);
  },
};

function logged({ subjects, reference: _, ...content }: AnnalsEvent<'CommunicationLogged'>['data']): Logged {
  const judged = subjects.flatMap(customerOf);
  return { kind: 'logged', content, amendments: [], subjects, judged, isRetracted: false, reports: [], annotations: new Map(), counts: NO_EVENTS };
}

function later(state: Logged, event: Exclude<CommunicationEvent, AnnalsEvent<'CommunicationLogged'>>, effectiveAt: string): Communication {
  switch (event.type) {
    case 'CommunicationAmended':
      return { ...one(state, 'amendments'), amendments: [...state.amendments, { changed: event.data.changed, effectiveAt }] };
    case 'CommunicationLinked':
      return { ...judged(one(state, 'subjects'), customerOf(event.data.subject)), subjects: [...state.subjects, event.data.subject] };
    case 'CommunicationUnlinked': {
      const subjects = state.subjects.filter((known) => !isSame(known, event.data.subject));
      return { ...judged(one(state, 'subjects'), customerOf(event.data.subject)), subjects };
    }
    case 'CommunicationMatchDismissed':
      return judged(one(state, 'dismissals'), event.data.customers);
    case 'CommunicationRetracted':
      return { ...state, isRetracted: true };
    case 'DeliveryReported':
      return { ...one(state, 'reports'), reports: [...state.reports, canonicalJson(event.data)] };
    default:
      return { ...one(state, 'annotations'), annotations: annotated(state.annotations, event) };
  }
}

function annotated(before: Logged['annotations'], event: AnnalsEvent<'AnnotationAdded' | 'AnnotationAmended' | 'AnnotationRemoved'>): Logged['annotations'] {
  const { id } = event.data;
  if (event.type === 'AnnotationAdded') return new Map([...before, [id, event.data]]);
  if (event.type === 'AnnotationRemoved') return new Map([...before, [id, null]]);
  const kind = before.get(id)?.kind;
  return kind === undefined ? before : new Map([...before, [id, { ...event.data, kind }]]);
}

const one = (state: Logged, room: Room): Logged => ({ ...state, counts: { ...state.counts, [room]: state.counts[room] + 1 } });

function judged(state: Logged, customers: readonly string[]): Logged {
  const more = customers.filter((customer) => !state.judged.includes(customer));
  return more.length === 0 ? state : { ...state, judged: [...state.judged, ...more] };
}

/** The customer that a subject is, if it is one. */
function customerOf({ ref }: Pick<Subject, 'ref'>): string[] {
  return 'customer' in ref ? [ref.customer] : [];
}

/** Whether two subjects are one record, linked as the same: on whatever basis, by whomever. */
export function isSame(a: Pick<Subject, 'ref' | 'as'>, b: Pick<Subject, 'ref' | 'as'>): boolean {
  return a.as === b.as && canonicalJson(a.ref) === canonicalJson(b.ref);
}

/** @throws CommandRejected where the communication was never logged */
export function mustBeLogged(state: Communication): Logged {
  if (state.kind === 'logged') return state;
  throw new CommandRejected('not-found', 'communication-not-found', 'There is no such communication.');
}

/** @throws CommandRejected where the communication takes no more events of this sort */
export function mustHaveRoom({ counts }: Logged, room: Room): void {
  if (counts[room] < ROOM[room]) return;
  throw new CommandRejected('conflict', `communication-${room}-full`, `A communication takes at most ${ROOM[room]} of these in its life.`);
}
