import { setTimeout as sleep } from 'node:timers/promises';
import { END, streamNameFilter, type AllStreamSubscription } from '@eventstore/db-client';
import { delayMs } from '../persist.js';
import type { Connection } from './connection.js';
import { streamNames } from './requests.js';

/** Checkpoints are of no use to one who only listens; the server sends one after so many search windows. */
const CHECKPOINT_INTERVAL = 1_000;

/**
 * Tells that something was appended, by whichever process: a live subscription to `$all`, made while somebody listens, and
 * again whenever it was dropped, as the client does not do by itself. It carries no events; what is delivered, from which
 * place, in which order, is read.
 */
export class Signal {
  readonly #wakes = new Set<() => void>();
  #listening: { readonly ending: AbortController; readonly done: Promise<void> } | undefined;
  #waking = false;

  constructor(private readonly connection: Connection) {}

  listen(wake: () => void): () => void {
    // Wrapped, so that a function given twice is called twice and ended one at a time.
    const entry = (): void => wake();
    this.#wakes.add(entry);
    if (this.#listening === undefined) {
      const ending = new AbortController();
      this.#listening = { ending, done: this.#follow(ending.signal) };
    }
    return () => {
      this.#wakes.delete(entry);
      if (this.#wakes.size === 0) void this.#end();
    };
  }

  /** Calls all who listen, soon and once for many. */
  appended(): void {
    if (this.#waking) return;
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      for (const wake of this.#wakes) wake();
    });
  }

  async close(): Promise<void> {
    this.#wakes.clear();
    await this.#end();
  }

  async #end(): Promise<void> {
    const listening = this.#listening;
    this.#listening = undefined;
    listening?.ending.abort();
    await listening?.done;
  }

  async #follow(ending: AbortSignal): Promise<void> {
    for (let failures = 0; !ending.aborted; failures += 1) {
      const lastedMs = await this.#once(ending);
      // One that held for a while was dropped by a passing fault: the next is made at once.
      if (lastedMs > delayMs(failures)) failures = 0;
      await sleep(delayMs(failures), undefined, { signal: ending }).catch(() => undefined);
    }
  }

  /** One subscription's life, in milliseconds. Whatever ends it, another is made; readers poll beneath. */
  async #once(ending: AbortSignal): Promise<number> {
    const begun = performance.now();
    const client = await this.connection.client();
    const filter = streamNameFilter({ regex: streamNames(), checkpointInterval: CHECKPOINT_INTERVAL });
    const subscription = client.subscribeToAll({ fromPosition: END, filter, requiresLeader: true });
    const end = (): void => void subscription.unsubscribe().catch(() => undefined);
    ending.addEventListener('abort', end, { once: true });
    await this.#untilDropped(subscription);
    ending.removeEventListener('abort', end);
    return performance.now() - begun;
  }

  #untilDropped(subscription: AllStreamSubscription): Promise<void> {
    return new Promise((resolve) => {
      for (const end of ['error', 'end', 'close'] as const) subscription.on(end, () => resolve());
      // What was appended while there was no subscription.
      subscription.on('confirmation', () => this.appended());
      subscription.on('data', () => this.appended());
    });
  }
}
