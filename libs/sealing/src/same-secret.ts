import { timingSafeEqual } from 'node:crypto';

/**
 * Whether two texts are the same, found in a time that tells nothing of where they differ. For what must not be
 * guessed piece by piece: tokens, HMACs, passwords. Their lengths are no secret.
 */
export function isSameSecret(one: string | undefined, other: string): boolean {
  const [a, b] = [Buffer.from(one ?? ''), Buffer.from(other)];
  return one !== undefined && a.length === b.length && timingSafeEqual(a, b);
}
