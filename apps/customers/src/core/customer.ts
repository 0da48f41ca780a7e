import { normaliseAddress, type AnnalsEvent, type CustomerEvent, type RegisterCustomer } from '@annals/contracts';
import type { Decider } from '@annals/kernel';
import { latest, withValues, type Registers } from './registers.js';

/** One way to reach a customer, as events hold it. */
export type ContactPoint = AnnalsEvent<'ContactPointAdded'>['data'];

/** What the commands of customers need to know of one. */
export type Customer =
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'registered';
      /** Name, language, country, zone and birthday, and `attributes/<name>` for each attribute. */
      readonly profile: Registers;
      readonly contactPoints: readonly ContactPoint[];
    };

type Profile = Partial<Omit<AnnalsEvent<'CustomerProfileChanged'>['data'], 'attributes'>> & { readonly attributes?: Readonly<Record<string, unknown>> | undefined };

/** A profile's values by register. */
export function valuesOf({ attributes = {}, name, language, country, zone, birthday }: Profile): Record<string, unknown> {
  const ofAttributes = Object.entries(attributes).map(([key, value]) => [`attributes/${key}`, value]);
  return { name, language, country, zone, birthday, ...Object.fromEntries(ofAttributes) };
}

/** A customer's stream as its state. */
export const customer: Decider<Customer, CustomerEvent> = {
  initialState: { kind: 'unknown' },
  evolve: (state, event) => {
    const { effectiveAt } = event.metadata;
    if (event.type === 'CustomerRegistered') {
      const { contactPoints, ...rest } = event.data;
      return { kind: 'registered', profile: withValues(new Map(), valuesOf(rest), effectiveAt), contactPoints };
    }
    if (state.kind === 'unknown') return state;
    switch (event.type) {
      case 'CustomerProfileChanged':
        return { ...state, profile: withValues(state.profile, valuesOf(event.data), effectiveAt) };
      case 'ContactPointAdded':
        return { ...state, contactPoints: [...state.contactPoints, event.data] };
      default:
        return state;
    }
  },
};

/** Where a customer is, as far as known: where its national phone numbers belong. */
export function countryOf(profile: Registers): string | undefined {
  const country = latest(profile, 'country');
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
