import { normaliseAddress, type AnnalsEvent, type CustomerEvent, type ExternalReference, type RegisterCustomer } from '@annals/contracts';
import { CommandRejected, type Decider, type Recorded } from '@annals/kernel';
import { countOf, holds, latest, withValues, type Registers } from './registers.js';
import { setBy, sets, type SettingEvent } from './values.js';

/** One way to reach a customer, as events hold it. */
export type ContactPoint = AnnalsEvent<'ContactPointAdded'>['data'];

/** What has become of a reference of a customer. */
export interface ReferenceState {
  readonly isHeld: boolean;
  /** Position in the log of the last event that took it away. */
  readonly removedAt?: number;
}

/** What the commands of customers need to know of one that is there. */
export interface RegisteredCustomer {
  readonly kind: 'registered';
  /** All that has one value at a time: profile, assignments, tags, states. */
  readonly values: Registers;
  readonly contactPoints: readonly ContactPoint[];
  /** Ids of those that it had: no other contact point may get them. */
  readonly removedContactPoints: ReadonlySet<string>;
  /** Ids of those of whom somebody has said that they are others; false where that was taken back. */
  readonly distinctFrom: ReadonlyMap<string, boolean>;
  /** All that it has or had, by `referenceKey`. */
  readonly references: ReadonlyMap<string, ReferenceState>;
}

/** What the commands of customers need to know of one. */
export type Customer = { readonly kind: 'unknown' } | RegisteredCustomer;

/** A reference as one text. */
export const referenceKey = ({ system, id }: ExternalReference): string => `${system}:${id}`;

/** A customer's stream as its state. */
export const customer: Decider<Customer, CustomerEvent> = {
  initialState: { kind: 'unknown' },
  evolve: (state, event) => {
    if (event.type === 'CustomerRegistered') return registered(event);
    if (state.kind === 'unknown') return state;
    if (sets(event)) return { ...state, values: withValues(state.values, setBy(event), event.metadata.effectiveAt) };
    switch (event.type) {
      case 'ContactPointAdded':
        return { ...state, contactPoints: [...state.contactPoints, event.data] };
      case 'ContactPointRemoved':
        return {
          ...state,
          contactPoints: state.contactPoints.filter(({ id }) => id !== event.data.id),
          removedContactPoints: new Set(state.removedContactPoints).add(event.data.id),
        };
      case 'DuplicateDismissed':
        return { ...state, distinctFrom: new Map(state.distinctFrom).set(event.data.other, true) };
      case 'DuplicateDismissalWithdrawn':
        return { ...state, distinctFrom: new Map(state.distinctFrom).set(event.data.other, false) };
      case 'ReferenceAdded':
        return withReference(state, event.data, { isHeld: true });
      case 'ReferenceRemoved':
        return withReference(state, event.data, { isHeld: false, removedAt: event.position });
      default:
        return state;
    }
  },
};

function registered({ data, metadata }: Recorded<AnnalsEvent<'CustomerRegistered'>> & { metadata: { effectiveAt: string } }): RegisteredCustomer {
  const { contactPoints, reference, ...profile } = data;
  return {
    kind: 'registered',
    values: withValues(new Map(), setBy({ type: 'CustomerProfileChanged', data: profile }), metadata.effectiveAt),
    contactPoints,
    removedContactPoints: new Set(),
    distinctFrom: new Map(),
    references: new Map(reference === undefined ? [] : [[referenceKey(reference), { isHeld: true }]]),
  };
}

function withReference(state: RegisteredCustomer, reference: ExternalReference, now: ReferenceState): RegisteredCustomer {
  const key = referenceKey(reference);
  return { ...state, references: new Map(state.references).set(key, { ...state.references.get(key), ...now }) };
}

/** @throws CommandRejected where there is no such customer */
export function existing(state: Customer): RegisteredCustomer {
  if (state.kind === 'unknown') throw new CommandRejected('not-found', 'customer-not-found', 'There is no such customer.');
  return state;
}

/** The event, unless all that it sets is so already at that time. */
export function unlessSo({ values }: RegisteredCustomer, event: SettingEvent & CustomerEvent, at: string): CustomerEvent[] {
  return Object.entries(setBy(event)).every(([field, value]) => holds(values, field, value, at)) ? [] : [event];
}

/** @throws CommandRejected where a customer would have more in a group of values than are kept of it */
export function checkRoom(values: Registers, group: string, most: number): void {
  if (countOf(values, group) <= most) return;
  throw new CommandRejected('conflict', `customer-${group}-full`, `A customer has at most ${most} ${group}.`);
}

/** Where a customer is, as far as known: where its national phone numbers belong. */
export function countryOf(values: Registers): string | undefined {
  const country = latest(values, 'country');
  return typeof country === 'string' ? country : undefined;
}

type NewContactPoint = NonNullable<RegisterCustomer['contactPoints']>[number];

/** A contact point with its id and, where it parses, its normal form. */
export function contactPointOf({ id, kind, raw }: NewContactPoint, madeId: string, country: string | undefined): ContactPoint {
  const normalised = typeof raw === 'string' ? normaliseAddress(kind, raw, country) : undefined;
  return { id: id ?? madeId, kind, raw, ...(normalised !== undefined && { normalised }) };
}

/** Whether two contact points are one: the same kind, and the same normal form, or raw form where there is none. */
export function isSame(a: ContactPoint, b: ContactPoint): boolean {
  const [one, other] = [a.normalised ?? a.raw, b.normalised ?? b.raw];
  return a.kind === b.kind && typeof one === 'string' && one === other;
}
