import type { CustomerSummary } from '@annals/contracts';

import { isErased } from '../erased.js';

/** Tells Excel that a file is UTF-8. */
export const BYTE_ORDER_MARK = '\ufeff';
/** A spreadsheet would take such a cell for a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

const COLUMNS: readonly (readonly [name: string, of: (customer: CustomerSummary) => string])[] = [
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

/** A cell by RFC 4180; an apostrophe before what would be a formula, as spreadsheets themselves mark text. */
export function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const line = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

/** The first line of an export. */
export const HEADER = line(COLUMNS.map(([name]) => name));

/** The line of one customer. */
export function csvLine(customer: CustomerSummary): string {
  return line(COLUMNS.map(([, of]) => of(customer)));
}
