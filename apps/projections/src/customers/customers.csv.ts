import type { CustomerSummary } from '@annals/contracts';

import type { Column } from '../csv.js';
import { isErased } from '../erased.js';

/** The columns of an export. */
export const COLUMNS: readonly Column<CustomerSummary>[] = [
  ['id', ({ id }) => id],
  ['kind', ({ kind }) => kind ?? ''],
  ['name', ({ name }) => nameOf(name)],
  ['department', ({ department }) => department],
  ['country', ({ country }) => country ?? ''],
  ['active', ({ active }) => String(active)],
  ['registeredAt', ({ registeredAt }) => registeredAt ?? ''],
  ['lastContactAt', ({ lastContactAt }) => lastContactAt ?? ''],
  ['billedMinor', ({ billed }) => billed.map(({ currency, billedMinor }) => `${currency}:${billedMinor}`).join(' ')],
  ['references', ({ references }) => references.map(({ system, id }) => `${system}:${id}`).join('; ')],
  ['assignments', ({ assignments }) => assignments.map(({ role, staffId, department }) => `${role}:${staffId ?? department}`).join('; ')],
  ['tags', ({ tags }) => tags.join('; ')],
];

function nameOf(name: CustomerSummary['name']): string {
  if (name === null) return '';
  return isErased(name) ? '(erased)' : name.full;
}
