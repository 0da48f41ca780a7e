import type { CustomerCard } from '@annals/contracts';

import { followUpOf, type FollowUpState } from '../follow-ups/follow-up.state.js';
import type { TransactionState } from './card.state.js';
import { UNREGISTERED, valueOf, valuesOf, type CustomerState } from './customer.state.js';

/** What a customer's transactions of one kind and currency, or communications on one medium, come to. */
export interface FigureView {
  readonly what: string;
  readonly unit: string;
  readonly department: string;
  readonly count: number;
  readonly amountMinor: number;
  /** Milliseconds since the epoch, of the last communication. */
  readonly lastAt: number | null;
}

/** A stream's state with its id and revision. */
export interface Stored<State> {
  readonly id: string;
  readonly revision: number;
  readonly state: State;
}

/** What the tables hold of one customer. */
export interface CardParts {
  /** Null where nothing of the customer's own stream has come yet. */
  readonly customer: { readonly state: CustomerState; readonly revision: number } | null;
  readonly figures: readonly FigureView[];
  readonly segments: readonly (Omit<CustomerCard['segments'][number], 'since'> & { readonly since: number })[];
  readonly transactions: readonly Stored<TransactionState>[];
  readonly followUps: readonly Stored<FollowUpState>[];
}

type Sum = 'orderedMinor' | 'billedMinor' | 'paidMinor';

/** Which sum a kind of transaction belongs to. Credit notes carry sums of their own sign. */
const SUMS: Readonly<Record<string, readonly [sum: Sum, sign: 1 | -1]>> = {
  order: ['orderedMinor', 1],
  invoice: ['billedMinor', 1],
  'credit-note': ['billedMinor', 1],
  adjustment: ['billedMinor', 1],
  payment: ['paidMinor', 1],
  refund: ['paidMinor', -1],
};

/** The card as it is shown. */
export function cardOf(id: string, { customer, figures, segments, transactions, followUps }: CardParts): CustomerCard {
  const { state, revision } = customer ?? unregistered(figures);
  return {
    ...describe(id, state),
    ...profileOf(state),
    names: Object.fromEntries(valuesOf(state.names)),
    attributes: Object.fromEntries(valuesOf(state.attributes)),
    contactPoints: [...state.contactPoints],
    objectsToProfiling: valueOf(state.profiled) === false,
    amounts: amountsOf(figures),
    transactions: countsOf(figures),
    latestTransactions: transactions.map((each) => transactionOf(id, each)),
    contacts: contactsOf(figures),
    followUps: followUps.map((each) => followUpOf(each.id, each.revision, each.state)),
    segments: segments.map((segment) => ({ ...segment, since: new Date(segment.since).toISOString() })),
    revision,
  };
}

const unregistered = ([first]: readonly FigureView[]): NonNullable<CardParts['customer']> => ({
  state: first === undefined ? UNREGISTERED : { ...UNREGISTERED, department: first.department },
  revision: -1,
});

/** What a list of customers and a card both show of the customer's own record. */
export function describe(id: string, state: CustomerState) {
  return {
    id,
    kind: state.kind,
    department: state.department,
    name: valueOf(state.profile.name),
    country: valueOf(state.profile.country),
    references: [...state.references],
    assignments: valuesOf(state.assignments).map(([role, { staffId, department }]) => ({ role, staffId, department })),
    tags: valuesOf(state.tags).map(([tag]) => tag),
    active: valueOf(state.active) ?? true,
    registeredAt: state.registeredAt,
  };
}

function profileOf({ profile }: CustomerState): Pick<CustomerCard, 'language' | 'zone' | 'birthday'> {
  return { language: valueOf(profile.language), zone: valueOf(profile.zone), birthday: valueOf(profile.birthday) };
}

function transactionOf(customer: string, { id, state }: Stored<TransactionState>): CustomerCard['latestTransactions'][number] {
  const { department, at, kind, number, issuedOn, currency, totalMinor, cancelled, related } = state;
  const roles = state.parties.filter(({ customerId }) => customerId === customer).map(({ role }) => role);
  return { id, at: new Date(at).toISOString(), department, kind, number, issuedOn, currency, totalMinor, cancelled, roles, related };
}

function amountsOf(figures: readonly FigureView[]): CustomerCard['amounts'] {
  const byCurrency = new Map<string, CustomerCard['amounts'][number]>();
  for (const { what, unit: currency, count, amountMinor } of figures) {
    const sum = SUMS[what];
    if (sum === undefined || count === 0) continue;
    const [field, sign] = sum;
    const amounts = byCurrency.get(currency) ?? { currency, orderedMinor: 0, billedMinor: 0, paidMinor: 0 };
    byCurrency.set(currency, { ...amounts, [field]: amounts[field] + sign * amountMinor });
  }
  return [...byCurrency.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

function countsOf(figures: readonly FigureView[]): CustomerCard['transactions'] {
  const counts: CustomerCard['transactions'] = {};
  for (const { what, count } of figures) if (what in SUMS && count !== 0) counts[what] = (counts[what] ?? 0) + count;
  return counts;
}

function contactsOf(figures: readonly FigureView[]): CustomerCard['contacts'] {
  return figures
    .filter(({ what, count }) => what === 'communication' && count > 0)
    .map(({ unit, count, lastAt }) => ({ medium: unit, count, lastAt: lastAt === null ? null : new Date(lastAt).toISOString() }));
}
