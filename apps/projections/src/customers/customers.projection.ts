import type { CardChange, ChangesTo } from '../card/card.changes.js';
import { pointKey, referenceKey, valueOf, valuesOf, type CustomerState } from '../card/customer.state.js';
import { isErased } from '../erased.js';
import { NEVER } from './customers.table.js';
import { likenessText, referenceForm } from '../duplicates/likeness.js';
import { searchForm, searchForms } from './search-forms.js';

/** How a contact point is kept where it is looked up: a UUID made of an HMAC of its kind and form. */
export type DigestOf = (kind: string, form: string) => string;

/** The rows by which a customer is found and listed. */
export function customerRows(customer: string, state: CustomerState, digestOf: DigestOf): CardChange[] {
  const { department, profile, references, registeredAt, distinctFrom } = state;
  const row = { customer, department, present: true } as const;
  const country = valueOf(profile.country);
  return [
    { to: 'listed', customer, department, country, name: sortForm(state), registeredAt: registeredAt === null ? NEVER : Date.parse(registeredAt) },
    ...nameForms(state).map((name): CardChange => ({ to: 'name', name, ...row })),
    ...references.map(({ system, id }): CardChange => ({ to: 'reference', system, id, ...row })),
    ...points(state, digestOf).map((point): CardChange => ({ to: 'point', ...point, ...row })),
    ...distinctFrom.map((other): CardChange => ({ to: 'dismissed', other, ...row })),
    ...assignedAndTagged(customer, state),
  ];
}

/** The rows by which a customer is found by who looks after it, and by its tags. */
export function assignedAndTagged(customer: string, { department, tags, assignments }: CustomerState): ChangesTo<'tagged' | 'assigned'>[] {
  const row = { customer, department, present: true } as const;
  return [
    ...valuesOf(tags).map(([tag]) => ({ to: 'tagged', tag, ...row }) as const),
    ...valuesOf(assignments).flatMap(([role, { staffId: staff }]) => (staff === null ? [] : [{ to: 'assigned', role, staff, ...row } as const])),
  ];
}

function sortForm({ profile }: CustomerState): string {
  const name = valueOf(profile.name);
  return name === null || isErased(name) ? '' : searchForm(name.full);
}

/** The forms of the name, and of the name in other scripts. */
function nameForms({ profile, names }: CustomerState): string[] {
  const all = [valueOf(profile.name), ...valuesOf(names).map(([, name]) => name)];
  return [...new Set(all.flatMap(searchForms))];
}

interface Point {
  readonly digest: string;
  readonly likeness: string;
  readonly since: number;
}

/** Contact points by normal form, or by raw form where there is none; references without what is written in several ways. */
function points({ contactPoints, references, since }: CustomerState, digestOf: DigestOf): Point[] {
  const forms = contactPoints.map((point) => ({ kind: point.kind, form: point.normalised ?? point.raw, since: since[pointKey(point)] ?? NEVER }));
  const reached = forms.flatMap(({ kind, form, since: at }): Point[] => (isErased(form) ? [] : [{ digest: digestOf(kind, form), likeness: likenessText('contact-point', kind), since: at }]));
  const known = references.map(({ system, id }): Point => {
    const likeness = likenessText('reference', system);
    // No kind of contact point holds a space, so that no digest of one is met by this.
    return { digest: digestOf(likeness, referenceForm(id)), likeness, since: since[referenceKey({ system, id })] ?? NEVER };
  });
  // Of several that are one, the oldest.
  const newestFirst = [...reached, ...known].sort((a, b) => b.since - a.since);
  return [...new Map(newestFirst.map((point) => [point.digest, point])).values()];
}
