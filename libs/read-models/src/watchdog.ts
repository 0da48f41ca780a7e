import { ConsumerFailed, type Consumer, type EventTopic, type EventTopics } from '@annals/messaging';

import { keyOf, type HeldPlace } from './partition-places.js';

const LOOK_EVERY_MS = 15_000;
const MOST_SILENT = 2;

/** Looks after a consumer that may fall silent while its connection lives: what counts is that records come. */
export class Watchdog {
  #nextAt = performance.now() + LOOK_EVERY_MS;
  #silent = 0;

  constructor(
    private readonly topics: EventTopics,
    private readonly read: readonly EventTopic[],
    private readonly consumer: Consumer,
  ) {}

  /** Records came. */
  progress(): void {
    this.#silent = 0;
    this.#nextAt = performance.now() + LOOK_EVERY_MS;
  }

  /**
   * Called again and again while nothing comes.
   *
   * @throws ConsumerFailed where there is something that should have come; what the broker says, where it cannot be asked
   */
  async look(places: ReadonlyMap<string, HeldPlace>): Promise<void> {
    if (performance.now() < this.#nextAt) return;
    this.#nextAt = performance.now() + LOOK_EVERY_MS;
    this.#silent = (await this.#isBehind(places)) ? this.#silent + 1 : 0;
    if (this.#silent >= MOST_SILENT) throw new ConsumerFailed('records are there, and none of them comes');
  }

  async #isBehind(places: ReadonlyMap<string, HeldPlace>): Promise<boolean> {
    if (this.consumer.joins === 0) return true;
    const ends = new Map((await this.topics.endsOf(this.read)).map(({ topic, ends: each }) => [topic, each]));
    // Beyond the end is nowhere either: a topic that was made anew.
    return this.consumer.assigned.some((one) => (ends.get(one.topic)?.get(one.partition) ?? 0) !== (places.get(keyOf(one))?.offset ?? 0));
  }
}
