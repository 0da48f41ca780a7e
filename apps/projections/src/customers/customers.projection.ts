import type { CardChange } from '../card/card.changes.js';
import { valueOf, valuesOf, type CustomerState } from '../card/customer.state.js';
import { isErased } from '../erased.js';
import { NEVER } from './customers.table.js';
import { searchForm, searchForms } from './search-forms.js';

/** How a contact point is kept where it is looked up: a UUID made of an HMAC of its kind and form. */
export type DigestOf = (kind: string, form: string) => string;

/** The rows by which a customer is found and listed. */
export function customerRows(customer: string, state: CustomerState, digestOf: DigestOf): CardChange[] {
  const { department, profile, references, registeredAt, tags, assignments } = state;
  const row = { customer, department, present: true } as const;
  const country = valueOf(profile.country);
  return [
    { to: 'listed', customer, department, country, name: sortForm(state), registeredAt: registeredAt === null ? NEVER : Date.parse(registeredAt) },
    ...nameForms(state).map((name): CardChange => ({ to: 'name', name, ...row })),
    ...references.map(({ system, id }): CardChange => ({ to: 'reference', system, id, ...row })),
    ...pointDigests(state, digestOf).map((digest): CardChange => ({ to: 'point', digest, ...row })),
    ...valuesOf(tags).map(([tag]): CardChange => ({ to: 'tagged', tag, ...row })),
    ...valuesOf(assignments).flatMap(([role, { staffId: staff }]): CardChange[] => (staff === null ? [] : [{ to: 'assigned', role, staff, ...row }])),
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

/** By normal form, or by raw form where there is none. */
function pointDigests({ contactPoints }: CustomerState, digestOf: DigestOf): string[] {
  const forms = contactPoints.map(({ kind, raw, normalised }) => ({ kind, form: normalised ?? raw }));
  return [...new Set(forms.flatMap(({ kind, form }) => (isErased(form) ? [] : [digestOf(kind, form)])))];
}
