import type { AnnalsEvent, CustomerCard, ExternalReference, RecordedEvent } from '@annals/contracts';

import { written, type Register } from './registers.js';

/** What the card keeps of a customer's own stream. */
export interface CustomerState {
  readonly of: 'customer';
  readonly kind: CustomerCard['kind'];
  readonly department: string;
  readonly registeredAt: string | null;
  readonly profile: {
    readonly [Field in ProfileField]?: Register<CustomerCard[Field]>;
  };
  readonly attributes: Readonly<Record<string, Register<CustomerCard['attributes'][string] | null>>>;
  readonly contactPoints: CustomerCard['contactPoints'];
  readonly references: readonly ExternalReference[];
}

/** What the card keeps of a communication: enough to take it back. */
export interface CommunicationState {
  readonly of: 'communication';
  readonly department: string;
  readonly medium: string;
  readonly at: number;
  readonly customers: readonly string[];
}

/** What the card keeps of a transaction: enough to take it back. */
export interface TransactionState {
  readonly of: 'transaction';
  readonly department: string;
  readonly kind: AnnalsEvent<'TransactionRecorded'>['data']['kind'];
  readonly currency: string;
  readonly totalMinor: number;
  readonly customers: readonly string[];
  readonly cancelled: boolean;
}

/** What the card keeps of one stream; nothing of memberships and segmentations, whose rows say it all. */
export type CardState = CustomerState | CommunicationState | TransactionState;

const FIELDS = ['name', 'language', 'country', 'zone', 'birthday'] as const;
type ProfileField = (typeof FIELDS)[number];

/** The state that a stream begins with. */
export function begun(event: RecordedEvent<'CustomerRegistered' | 'CommunicationLogged' | 'TransactionRecorded'>): CardState {
  const { department } = event.metadata;
  switch (event.type) {
    case 'CustomerRegistered':
      return registered(event);
    case 'CommunicationLogged': {
      const { medium, startedAt, subjects } = event.data;
      const customers = linkedCustomers([], subjects);
      return { of: 'communication', department, medium, at: Date.parse(startedAt), customers };
    }
    case 'TransactionRecorded': {
      const { kind, currency, totalMinor, parties } = event.data;
      // Who only receives the goods neither ordered nor owes them.
      const customers = [...new Set(parties.filter(({ role }) => role !== 'recipient').map(({ customerId }) => customerId))].sort();
      return { of: 'transaction', department, kind, currency, totalMinor, customers, cancelled: false };
    }
  }
}

function registered(event: RecordedEvent<'CustomerRegistered'>): CustomerState {
  const { kind, contactPoints, reference, attributes } = event.data;
  const empty: CustomerState = {
    of: 'customer',
    kind,
    department: event.metadata.department,
    registeredAt: event.metadata.occurredAt,
    profile: {},
    attributes: {},
    contactPoints,
    references: reference === undefined ? [] : [reference],
  };
  return withProfile(empty, event, { ...event.data, attributes });
}

/** The customer with the fields of a profile that an event sets. */
export function withProfile(
  state: CustomerState,
  event: RecordedEvent<'CustomerRegistered' | 'CustomerProfileChanged'>,
  fields: AnnalsEvent<'CustomerProfileChanged'>['data'],
): CustomerState {
  const profile: Record<string, Register<unknown>> = { ...state.profile };
  for (const field of FIELDS) {
    const value = fields[field];
    if (value !== undefined) profile[field] = written(profile[field], value, event);
  }
  const attributes = { ...state.attributes };
  for (const [key, value] of Object.entries(fields.attributes ?? {})) attributes[key] = written(attributes[key], value, event);
  // Each field was written with the value of that very field.
  return { ...state, profile: profile as CustomerState['profile'], attributes };
}

/** The customers among subjects, each once and in order, with those linked before. */
export function linkedCustomers(
  before: readonly string[],
  subjects: readonly AnnalsEvent<'CommunicationLinked'>['data']['subject'][],
): string[] {
  const linked = subjects.flatMap(({ ref }) => ('customer' in ref ? [ref.customer] : []));
  return [...new Set([...before, ...linked])].sort();
}
