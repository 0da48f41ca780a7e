/** A source of numbers in [0, 1). */
export type Random = () => number;

/**
 * A seeded source of numbers in [0, 1), 32 bits each: the same seed gives the same numbers everywhere.
 *
 * Source: mulberry32 by T. Ettinger (public domain), https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 *
 * @param seed - an integer; its lowest 32 bits count
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A 32-bit hash of a text, used only to choose rows evenly and always the same ones.
 *
 * Source: FNV-1a over UTF-16 code units (http://www.isthe.com/chongo/tech/comp/fnv/), then the finaliser of
 * MurmurHash3 (A. Appleby), because FNV alone spreads the last characters badly over the high bits.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
