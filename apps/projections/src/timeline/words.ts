import { hash } from 'node:crypto';

import { folded } from '../customers/search-forms.js';

/** Runs of the scripts that are written without spaces, and words of all others. */
const RUNS = /([\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]+)|[\p{L}\p{M}\p{N}]+/gu;
const MOST_WORDS = 1_000;

/**
 * The words of a text as they are looked for: without case, accents and differences of width; where a script
 * has no spaces, each two characters that follow one another. So every word of two characters is found, which
 * words cut by a dictionary do not promise, as the cut depends on what stands beside.
 */
export function wordsOf(text: string): string[] {
  const words = new Set<string>();
  for (const [run, unspaced] of folded(text).matchAll(RUNS)) {
    const characters = [...run];
    if (unspaced === undefined || characters.length === 1) words.add(run);
    else for (let n = 1; n < characters.length; n++) words.add(`${characters[n - 1]}${characters[n]}`);
    if (words.size >= MOST_WORDS) break;
  }
  return [...words].slice(0, MOST_WORDS);
}

/** A customer's word as a number of 64 bits: one index serves all customers, and looks at one of them only. */
export function wordKey(customer: string, word: string): bigint {
  return hash('sha256', `${customer} ${word}`, 'buffer').readBigInt64BE(0);
}
