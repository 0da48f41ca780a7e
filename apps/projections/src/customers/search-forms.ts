import type { CustomerCard, Erased } from '@annals/contracts';

import { isErased } from '../erased.js';

/** Letters that are not a letter and an accent to Unicode, but are to whoever types a name. */
const PLAIN: Readonly<Record<string, string>> = { ß: 'ss', ø: 'o', đ: 'd', ł: 'l', æ: 'ae', œ: 'oe', ð: 'd', þ: 'th', ı: 'i' };
/** Bounds a form, and with it the cursor that holds one. */
const MOST_CHARACTERS = 60;
const MOST_FORMS = 12;

/** A text without case, accents (those of Latin, Greek and Cyrillic; other scripts have marks that are letters) and differences of width. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[ßøđłæœðþı]/g, (letter) => PLAIN[letter] ?? letter)
    .normalize('NFKC');
}

/** A name or a prefix of one as it is compared: folded, with single spaces. */
export function searchForm(text: string): string {
  const form = folded(text).replace(/\s+/g, ' ').trim();
  return [...form].slice(0, MOST_CHARACTERS).join('');
}

/** All forms under whose beginning a name is found: as a whole, from each of its words on, and by its parts. */
export function searchForms(name: Exclude<CustomerCard['name'], Erased> | Erased | null): string[] {
  if (name === null || isErased(name)) return [];
  const { full, family = '', given = '', phonetic = '' } = name;
  const whole = searchForm(full);
  const words = whole.split(' ');
  const fromEachWord = words.map((_, index) => words.slice(index).join(' '));
  const parts = [family, given, phonetic, `${family} ${given}`, `${given} ${family}`, family + given].map(searchForm);
  return [...new Set([...fromEachWord, ...parts])].filter((form) => form !== '').slice(0, MOST_FORMS);
}
