import { BATCH_LIMITS, type BatchLineAnswer } from '@annals/contracts';

import type { AnnalsClient } from './client.js';
import { Window } from './window.js';

/**
 * Small enough for an answer every moment, large enough that a request's own cost does not matter. A service handles
 * the lines of a batch side by side, so a few batches in flight keep it busy.
 */
const BATCH_LINES = Math.min(500, BATCH_LIMITS.lines);
const BATCH_BYTES = Math.min(1_000_000, BATCH_LIMITS.bytes);
const IN_FLIGHT = 4;

/** What is told of each line's answer. */
export type OnAnswer<Item> = (item: Item, answer: BatchLineAnswer) => void;

/** Gathers lines into batches and keeps a few of them in flight. */
export class BatchSender<Item> {
  readonly #window = new Window(IN_FLIGHT);
  #lines: string[] = [];
  #items: Item[] = [];
  #bytes = 0;

  constructor(
    private readonly client: AnnalsClient,
    private readonly path: string,
    private readonly onAnswer: OnAnswer<Item>,
  ) {}

  /**
   * @param item - what `onAnswer` is told of
   * @param command - the line, with a `key` of its own
   */
  async add(item: Item, command: object): Promise<void> {
    const line = JSON.stringify(command);
    const bytes = Buffer.byteLength(line) + 1;
    if (this.#lines.length >= BATCH_LINES || this.#bytes + bytes > BATCH_BYTES) await this.#flush();
    this.#lines.push(line);
    this.#items.push(item);
    this.#bytes += bytes;
  }

  /** Sends what is left and waits for all answers. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#window.drain();
  }

  async #flush(): Promise<void> {
    const lines = this.#lines;
    const items = this.#items;
    if (lines.length === 0) return;
    this.#lines = [];
    this.#items = [];
    this.#bytes = 0;
    await this.#window.add(async () => {
      const answers = await this.client.batch(this.path, lines);
      items.forEach((item, index) => {
        const answer = answers[index];
        if (answer) this.onAnswer(item, answer);
      });
    });
  }
}
