import type { StoredEvent } from '@annals/event-store';
import { eventCount, MOST_EVENTS, type Origin, originOf } from './workload.js';

/** An append that was acknowledged: by whom, which, and the position of its last event. */
export interface Acknowledged {
  readonly writer: number;
  readonly sequence: number;
  readonly position: number;
}

const MOST_PROBLEMS = 10;

/**
 * Watches the events of a log as they are read, from the first position on, and holds them against what the
 * writers were told.
 */
export class Checker {
  readonly #positions = new Map<number, number>();
  readonly #revisions = new Map<string, number>();
  readonly #problems: string[] = [];
  #problemCount = 0;
  #position = 0;
  #recordedAt = 0;

  constructor(private readonly reader: string) {}

  /** How many events it has seen. */
  get events(): number {
    return this.#positions.size;
  }

  see(event: StoredEvent): void {
    if (event.position !== this.#position + 1) this.#report(`position ${event.position} came after ${this.#position}`);
    this.#position = event.position;
    const key = keyOf(originOf(event.id));
    if (this.#positions.has(key)) this.#report(`event ${event.id} came twice`);
    this.#positions.set(key, event.position);
    const before = this.#revisions.get(event.stream) ?? -1;
    if (event.revision !== before + 1) this.#report(`${event.stream}@${event.revision} came after ${before}`);
    this.#revisions.set(event.stream, event.revision);
    if (event.recordedAt < this.#recordedAt) this.#report(`position ${event.position} was recorded before the one before it`);
    this.#recordedAt = event.recordedAt;
    if (Buffer.from(event.data.buffer, event.data.byteOffset, 36).toString() !== event.id) {
      this.#report(`event ${event.id} does not hold its own bytes`);
    }
  }

  /**
   * What is wrong, once everything has been read.
   *
   * @param acknowledged - every append whose writer was told that it is written
   * @param unknown - how many appends were given up without an answer: they may be there or not
   */
  problems(acknowledged: Iterable<Acknowledged>, unknown: number): string[] {
    let expected = 0;
    for (const append of acknowledged) expected += this.#compare(append);
    const more = this.events - expected;
    if (more < 0) this.#report(`${-more} acknowledged events never came`);
    if (more > unknown * MOST_EVENTS) this.#report(`${more} events came that nobody was told of`);
    const hidden = this.#problemCount - this.#problems.length;
    return hidden > 0 ? [...this.#problems, `and ${hidden} more`] : this.#problems;
  }

  #compare({ writer, sequence, position }: Acknowledged): number {
    const count = eventCount(sequence);
    const first = position - count + 1;
    for (let index = 0; index < count; index += 1) {
      const seen = this.#positions.get(keyOf({ writer, sequence, index }));
      if (seen === first + index) continue;
      this.#report(`append ${sequence} of writer ${writer}, told position ${first + index}, is at ${seen ?? 'none'}`);
    }
    return count;
  }

  #report(problem: string): void {
    this.#problemCount += 1;
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(`${this.reader}: ${problem}`);
  }
}

/** An event's origin as one number: a million of them as texts would fill the memory. */
function keyOf({ writer, sequence, index }: Origin): number {
  return (writer * 2 ** 32 + sequence) * (MOST_EVENTS + 1) + index;
}
