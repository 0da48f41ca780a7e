import { hash } from 'node:crypto';

import type { Filtered } from './timeline.changes.js';

/** Combinations are few, and asked for with each entry. */
const combinations = new Map<string, bigint>();
const MOST_KNOWN = 10_000;

/** A number that is the same for all entries that every filter treats alike. */
export function combinationOf({ category, department, medium, platform, direction, purpose, conversation }: Filtered): bigint {
  // None of these holds a space or is empty, so that no two combinations have one name.
  const name = `${category} ${department} ${medium ?? ''} ${platform ?? ''} ${direction ?? ''} ${purpose ?? ''} ${conversation !== null}`;
  const known = combinations.get(name);
  if (known !== undefined) return known;
  const all = JSON.stringify([category, department, medium, platform, direction, purpose, conversation !== null]);
  const made = hash('sha256', all, 'buffer').readBigInt64BE(0);
  if (combinations.size >= MOST_KNOWN) combinations.clear();
  combinations.set(name, made);
  return made;
}
