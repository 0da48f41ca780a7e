import { createHash } from 'node:crypto';

/**
 * Finds what occurs twice among millions, in 8 bytes for each: of every text 64 bits of its SHA-256 are kept. Texts
 * that differ may share them, so what this finds is suspected, and is looked at in a second reading.
 */
export class Distinct {
  #hashes = new BigUint64Array(1_024);
  #count = 0;

  add(text: string): void {
    if (this.#count === this.#hashes.length) {
      const longer = new BigUint64Array(2 * this.#count);
      longer.set(this.#hashes);
      this.#hashes = longer;
    }
    this.#hashes[this.#count++] = hashOf(text);
  }

  /** Tells, in a second reading of the same texts, the ones that were there before; undefined where none can be. */
  repeats(): ((text: string) => boolean) | undefined {
    const sorted = this.#hashes.subarray(0, this.#count).sort();
    const suspects = new Set<bigint>();
    for (let at = 1; at < sorted.length; at++) {
      const hash = sorted[at];
      if (hash !== undefined && hash === sorted[at - 1]) suspects.add(hash);
    }
    if (suspects.size === 0) return undefined;
    const seen = new Set<string>();
    return (text) => {
      if (!suspects.has(hashOf(text))) return false;
      if (seen.has(text)) return true;
      seen.add(text);
      return false;
    };
  }
}

function hashOf(text: string): bigint {
  return createHash('sha256').update(text).digest().readBigUInt64LE();
}
