/** Ids that are kept, over all streams: some 10 MB. */
const MAX_IDS = 100_000;

/**
 * Ids of events by stream and revision, as far as this process has met them: what a stream once held it holds for good. A
 * command reads its stream before it appends, and spares the append another read.
 */
export class KnownIds {
  /** The stream that was not used for longest comes first. */
  readonly #streams = new Map<string, string[]>();
  #count = 0;

  /** The ids of a stream's events from revision 0 on; there may be more. */
  of(stream: string): readonly string[] {
    return this.#streams.get(stream) ?? [];
  }

  /** Takes note of ids from this revision on, where it knows those before. */
  learn(stream: string, revision: number, ids: readonly string[]): void {
    const known = this.#streams.get(stream) ?? [];
    const fresh = ids.slice(known.length - revision);
    if (revision > known.length || fresh.length === 0) return;
    known.push(...fresh);
    this.#count += fresh.length;
    this.#streams.delete(stream);
    this.#streams.set(stream, known);
    for (const [oldest] of this.#streams) {
      if (this.#count <= MAX_IDS) return;
      this.#forget(oldest);
    }
  }

  /** For a server that may be another than it was, or hold an older backup. */
  clear(): void {
    this.#streams.clear();
    this.#count = 0;
  }

  #forget(stream: string): void {
    this.#count -= this.#streams.get(stream)?.length ?? 0;
    this.#streams.delete(stream);
  }
}
