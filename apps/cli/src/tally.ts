import type { BatchLineAnswer } from '@annals/contracts';

/** So many rejections are kept in words; all are counted. */
const KEPT = 20;

/** What became of the records of one kind. */
export class Tally {
  created = 0;
  unchanged = 0;
  rejected = 0;
  readonly #sentences: string[] = [];

  constructor(private readonly noun: string) {}

  /** The first rejections, a sentence each. */
  get sentences(): readonly string[] {
    return this.#sentences;
  }

  add(record: string, answer: BatchLineAnswer): void {
    if (answer.outcome === 'rejected') this.reject(record, `${answer.detail} (${answer.code})${where(answer.errors)}`);
    else if (answer.outcome === 'unchanged') this.unchanged++;
    else this.created++;
  }

  reject(record: string, reason: string): void {
    this.rejected++;
    if (this.#sentences.length < KEPT) this.#sentences.push(`${this.noun} ${record}: ${reason}`);
  }
}

function where(errors: readonly { pointer: string; detail: string }[] = []): string {
  const [first] = errors;
  return first === undefined ? '' : `: ${first.pointer} ${first.detail}`;
}
