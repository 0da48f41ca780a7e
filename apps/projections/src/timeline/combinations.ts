import { createHash } from 'node:crypto';

import type { Filtered } from './timeline.changes.js';

/** Combinations are few, and asked for twice an entry. */
const combinations = new Map<string, string>();
const MOST_KNOWN = 10_000;

/** A number that is the same for all entries that every filter treats alike. */
export function combinationOf({ category, department, medium, platform, direction, purpose, conversation }: Filtered): string {
  // None of these holds a space or is empty, so that no two combinations have one name.
  const name = `${category} ${department} ${medium ?? ''} ${platform ?? ''} ${direction ?? ''} ${purpose ?? ''} ${conversation !== null}`;
  const known = combinations.get(name);
  if (known !== undefined) return known;
  const all = JSON.stringify([category, department, medium, platform, direction, purpose, conversation !== null]);
  const made = createHash('sha256').update(all).digest().readBigInt64BE(0).toString();
  if (combinations.size >= MOST_KNOWN) combinations.clear();
  combinations.set(name, made);
  return made;
}
