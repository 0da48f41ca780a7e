import type { Appended } from '../event-store.js';
import { MAX_APPEND_BYTES, MAX_APPEND_EVENTS } from '../limits.js';
import type { PendingAppend } from './append-group.js';

const MAX_WAITING = 50_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** An append whose caller waits. */
export interface WaitingAppend {
  readonly append: PendingAppend;
  /** Order of the calls. */
  readonly number: number;
  /** When to give up, by `performance.now()`. */
  readonly deadline: number;
  /** A group with this append holds at most so many, once a group with it has failed. */
  readonly groupLimit: number;
  /** Its group is to be decided append by append: one of them bears ids that the log holds. */
  readonly careful: boolean;
  readonly resolve: (result: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** The appends of this process that are not on their way yet, in the order of the calls. */
export class AppendQueue {
  #waiting: WaitingAppend[] = [];
  #bytes = 0;

  get length(): number {
    return this.#waiting.length;
  }

  get full(): boolean {
    return this.#waiting.length >= MAX_WAITING || this.#bytes >= MAX_WAITING_BYTES;
  }

  push(waiting: WaitingAppend): void {
    this.#waiting.push(waiting);
    this.#bytes += waiting.append.bytes;
  }

  /** Takes the next group: at most this many appends, 1,000 events and 4 MiB, and always one. */
  take(most: number): WaitingAppend[] {
    const limit = Math.min(most, this.#waiting[0]?.groupLimit ?? 0);
    let [count, events, bytes] = [0, 0, 0];
    for (const { append } of this.#waiting) {
      events += append.events.length;
      bytes += append.bytes;
      if (count > 0 && (count >= limit || events > MAX_APPEND_EVENTS || bytes > MAX_APPEND_BYTES)) break;
      count += 1;
    }
    return this.#remove(this.#waiting.splice(0, count));
  }

  /** Puts a group that failed back to where it stood. */
  putBack(group: readonly WaitingAppend[]): void {
    this.#waiting = [...group, ...this.#waiting].sort((a, b) => a.number - b.number);
    for (const { append } of group) this.#bytes += append.bytes;
  }

  /** Takes out what has waited too long: the first to come are the first whose time is up. */
  takeExpired(now: number): WaitingAppend[] {
    const alive = this.#waiting.findIndex(({ deadline }) => deadline > now);
    if (alive === 0) return [];
    return this.#remove(this.#waiting.splice(0, alive < 0 ? this.#waiting.length : alive));
  }

  #remove(taken: WaitingAppend[]): WaitingAppend[] {
    for (const { append } of taken) this.#bytes -= append.bytes;
    return taken;
  }
}
