import type { CustomerCard, CustomerSummary } from '@annals/contracts';

import type { CustomerState } from './card.state.js';
import type { Register } from './registers.js';

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

/** What the tables hold of one customer. */
export interface CardParts {
  /** Null where nothing of the customer's own stream has come yet. */
  readonly customer: { readonly state: CustomerState; readonly revision: number } | null;
  readonly figures: readonly FigureView[];
  readonly segments: readonly (Omit<CustomerCard['segments'][number], 'since'> & { readonly since: number })[];
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

/** What a card shows of a customer that has figures before it is registered. */
const UNREGISTERED: CustomerState = {
  of: 'customer',
  kind: null,
  department: 'default',
  registeredAt: null,
  profile: {},
  attributes: {},
  contactPoints: [],
  references: [],
};

/** The card as it is shown. */
export function cardOf(id: string, { customer, figures, segments }: CardParts): CustomerCard {
  const { state, revision } = customer ?? unregistered(figures);
  return {
    ...profileOf(state),
    id,
    kind: state.kind,
    department: state.department,
    attributes: attributesOf(state),
    contactPoints: state.contactPoints,
    references: [...state.references],
    registeredAt: state.registeredAt,
    amounts: amountsOf(figures),
    transactions: countsOf(figures),
    contacts: contactsOf(figures),
    segments: segments.map((segment) => ({ ...segment, since: new Date(segment.since).toISOString() })),
    revision,
  };
}

const unregistered = ([first]: readonly FigureView[]): NonNullable<CardParts['customer']> => ({
  state: first === undefined ? UNREGISTERED : { ...UNREGISTERED, department: first.department },
  revision: -1,
});

/** One row of a list of customers. */
export function summaryOf(id: string, state: CustomerState): CustomerSummary {
  const { name, country } = profileOf(state);
  return { id, kind: state.kind, department: state.department, name, country, references: [...state.references] };
}

const valueOf = <T>(register: Register<T> | undefined): T | null => (register === undefined ? null : register[0]);

function profileOf({ profile }: CustomerState): Pick<CustomerCard, 'name' | 'language' | 'country' | 'zone' | 'birthday'> {
  return {
    name: valueOf(profile.name),
    language: valueOf(profile.language),
    country: valueOf(profile.country),
    zone: valueOf(profile.zone),
    birthday: valueOf(profile.birthday),
  };
}

function attributesOf(state: CustomerState): CustomerCard['attributes'] {
  const attributes: CustomerCard['attributes'] = {};
  for (const [key, [value]] of Object.entries(state.attributes)) if (value !== null) attributes[key] = value;
  return attributes;
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
