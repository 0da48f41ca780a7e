import type { AnnalsEvent, CustomerCard, ExternalReference, RecordedEvent } from '@annals/contracts';

import { written, type Register } from './registers.js';

type ContactPoint = CustomerCard['contactPoints'][number];
type Registers<Value> = Readonly<Record<string, Register<Value>>>;

/** What the card keeps of a customer's own stream. */
export interface CustomerState {
  readonly of: 'customer';
  readonly kind: CustomerCard['kind'];
  readonly department: string;
  readonly registeredAt: string | null;
  readonly profile: {
    readonly [Field in ProfileField]?: Register<CustomerCard[Field]>;
  };
  readonly names: Registers<CustomerCard['names'][string] | null>;
  readonly attributes: Registers<CustomerCard['attributes'][string] | null>;
  readonly contactPoints: readonly ContactPoint[];
  readonly references: readonly ExternalReference[];
  /** By role. */
  readonly assignments: Registers<{ readonly staffId: string | null; readonly department: string } | null>;
  readonly tags: Registers<boolean>;
  /** Ids of others of whom it was said that they are others. */
  readonly distinctFrom: readonly string[];
  /** Since when, in milliseconds since the epoch, it has what others may have too: by `point <id>` and `reference <system>:<id>`. */
  readonly since: Readonly<Record<string, number>>;
  readonly active?: Register<boolean>;
  readonly profiled?: Register<boolean>;
}

/** A customer of whom nothing is known yet. */
export const UNREGISTERED: CustomerState = {
  of: 'customer',
  kind: null,
  department: 'default',
  registeredAt: null,
  profile: {},
  names: {},
  attributes: {},
  contactPoints: [],
  references: [],
  assignments: {},
  tags: {},
  distinctFrom: [],
  since: {},
};

const FIELDS = ['name', 'language', 'country', 'zone', 'birthday'] as const;
type ProfileField = (typeof FIELDS)[number];

/** The state that a customer begins with. */
export function registered(event: RecordedEvent<'CustomerRegistered'>): CustomerState {
  const { kind, contactPoints, reference } = event.data;
  const { department, occurredAt } = event.metadata;
  const references = reference === undefined ? [] : [reference];
  const points = contactPoints.map((point) => ({ ...point, verifiedAt: null }));
  const since = Object.fromEntries([...points.map(pointKey), ...references.map(referenceKey)].map((key) => [key, Date.parse(occurredAt)]));
  return withProfile({ ...UNREGISTERED, kind, department, registeredAt: occurredAt, contactPoints: points, references, since }, event);
}

/** A customer after one more event of its stream. */
export function customerAfter(state: CustomerState, event: RecordedEvent): CustomerState {
  switch (event.type) {
    case 'CustomerProfileChanged':
      return withProfile(state, event);
    case 'ContactPointAdded':
    case 'ContactPointVerified':
    case 'ContactPointRemoved':
      return { ...state, contactPoints: pointsAfter(state.contactPoints, event), since: sinceAfter(state.since, event) };
    case 'DuplicateDismissed':
      return { ...state, distinctFrom: [...state.distinctFrom.filter((id) => id !== event.data.other), event.data.other] };
    case 'DuplicateDismissalWithdrawn':
      return { ...state, distinctFrom: state.distinctFrom.filter((id) => id !== event.data.other) };
    case 'ReferenceAdded':
    case 'ReferenceRemoved':
      return { ...state, references: referencesAfter(state.references, event), since: sinceAfter(state.since, event) };
    default:
      return withRegister(state, event);
  }
}

/** How `since` names a contact point. */
export const pointKey = ({ id }: { readonly id: string }): string => `point ${id}`;
/** How `since` names a reference. */
export const referenceKey = ({ system, id }: ExternalReference): string => `reference ${system}:${id}`;

type Shared = RecordedEvent<'ContactPointAdded' | 'ContactPointVerified' | 'ContactPointRemoved' | 'ReferenceAdded' | 'ReferenceRemoved'>;

/** What is added again without having been removed is as old as it was. */
function sinceAfter(before: CustomerState['since'], event: Shared): CustomerState['since'] {
  const isReference = event.type === 'ReferenceAdded' || event.type === 'ReferenceRemoved';
  const key = isReference ? referenceKey(event.data) : pointKey(event.data);
  if (event.type === 'ContactPointVerified') return before;
  if (event.type === 'ContactPointAdded' || event.type === 'ReferenceAdded') return { [key]: Date.parse(event.metadata.occurredAt), ...before };
  const { [key]: _, ...others } = before;
  return others;
}

function pointsAfter(before: readonly ContactPoint[], event: RecordedEvent<'ContactPointAdded' | 'ContactPointVerified' | 'ContactPointRemoved'>): ContactPoint[] {
  const { data, metadata } = event;
  const others = before.filter(({ id }) => id !== data.id);
  if (event.type === 'ContactPointAdded') return [...others, { ...event.data, verifiedAt: null }];
  if (event.type === 'ContactPointRemoved') return others;
  return before.map((point) => (point.id === data.id ? { ...point, verifiedAt: metadata.occurredAt } : point));
}

function referencesAfter(before: readonly ExternalReference[], { type, data }: RecordedEvent<'ReferenceAdded' | 'ReferenceRemoved'>): ExternalReference[] {
  const others = before.filter(({ system, id }) => system !== data.system || id !== data.id);
  return type === 'ReferenceAdded' ? [...others, { system: data.system, id: data.id }] : others;
}

/** What is said of the customer by events of one value each. */
function withRegister(state: CustomerState, event: RecordedEvent): CustomerState {
  switch (event.type) {
    case 'CustomerAssigned': {
      const { role, staffId, department } = event.data;
      return { ...state, assignments: { ...state.assignments, [role]: written(state.assignments[role], { staffId: staffId ?? null, department }, event) } };
    }
    case 'CustomerUnassigned':
      return { ...state, assignments: { ...state.assignments, [event.data.role]: written(state.assignments[event.data.role], null, event) } };
    case 'CustomerTagged':
    case 'CustomerUntagged': {
      const { tag } = event.data;
      return { ...state, tags: { ...state.tags, [tag]: written(state.tags[tag], event.type === 'CustomerTagged', event) } };
    }
    case 'CustomerDeactivated':
    case 'CustomerReactivated':
      return { ...state, active: written(state.active, event.type === 'CustomerReactivated', event) };
    case 'ProfilingObjected':
    case 'ProfilingAllowed':
      return { ...state, profiled: written(state.profiled, event.type === 'ProfilingAllowed', event) };
    default:
      return state;
  }
}

/** The customer with the fields of a profile that an event sets. */
function withProfile(state: CustomerState, event: RecordedEvent<'CustomerRegistered' | 'CustomerProfileChanged'>): CustomerState {
  const fields: AnnalsEvent<'CustomerProfileChanged'>['data'] = event.data;
  const profile: Record<string, Register<unknown>> = { ...state.profile };
  for (const field of FIELDS) {
    const value = fields[field];
    if (value !== undefined) profile[field] = written(profile[field], value, event);
  }
  const names = writtenAll(state.names, fields.names, event);
  const attributes = writtenAll(state.attributes, fields.attributes, event);
  // Each field was written with the value of that very field.
  return { ...state, profile: profile as CustomerState['profile'], names, attributes };
}

function writtenAll<Value>(registers: Registers<Value>, values: Readonly<Record<string, Value>> | undefined, event: RecordedEvent): Registers<Value> {
  const after = { ...registers };
  for (const [key, value] of Object.entries(values ?? {})) after[key] = written(after[key], value, event);
  return after;
}

/** What a register holds; null where it was never written. */
export const valueOf = <T>(register: Register<T> | undefined): T | null => (register === undefined ? null : register[0]);

/** The values of those registers that hold one, in order of their names. */
export function valuesOf<Value>(registers: Registers<Value>): [name: string, value: NonNullable<Value>][] {
  const held: [string, NonNullable<Value>][] = [];
  for (const [name, [value]] of Object.entries(registers)) if (value !== null && value !== undefined && value !== false) held.push([name, value]);
  return held.sort(([a], [b]) => (a < b ? -1 : 1));
}
