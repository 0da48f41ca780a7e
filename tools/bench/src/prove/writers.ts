import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Acknowledged } from './checker.js';
import type { WriterOrders, WriterReport } from './writer-process.js';

/** How many writers, in how many processes, appending how many events. */
export interface WritersOptions {
  readonly url: string;
  readonly writers: number;
  readonly processes: number;
  /** In all; Infinity until they are stopped. */
  readonly events: number;
}

/** Writers in processes of their own, and what they were told. */
export class Writers {
  /** Resolves when every writer has ended; rejects when a process died before. */
  readonly ended: Promise<void>;
  /** Acknowledged appends so far. */
  acknowledgedCount = 0;
  /** Appends that were given up without an answer. */
  unknown = 0;
  /** By writer, then by sequence: the position of the append's last event. */
  readonly #positions: number[][];
  readonly #children: ChildProcess[];

  constructor(options: WritersOptions) {
    this.#positions = Array.from({ length: options.writers }, () => []);
    const program = fileURLToPath(new URL('writer-process.js', import.meta.url));
    this.#children = Array.from({ length: options.processes }, () => fork(program));
    this.ended = Promise.all(this.#children.map((child) => this.#listen(child))).then(() => undefined);
    // Processes that `kill` ends are no news to anybody.
    this.ended.catch(() => undefined);
    this.#children.forEach((child, number) => child.send(this.#orders(options, number)));
  }

  /** Asks the writers to end after the append in hand. */
  async stop(): Promise<void> {
    for (const child of this.#children) if (child.connected) child.send('stop');
    await this.ended;
  }

  /** Ends the processes at once, whatever they do. */
  kill(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  *acknowledged(): Generator<Acknowledged> {
    for (const [writer, positions] of this.#positions.entries()) {
      for (const [sequence, position] of positions.entries()) if (position > 0) yield { writer, sequence, position };
    }
  }

  #orders({ url, writers, processes, events }: WritersOptions, process: number): WriterOrders {
    const own = Array.from({ length: writers }, (_, writer) => writer).filter((writer) => writer % processes === process);
    return { url, writers: own, eventsEach: Number.isFinite(events) ? Math.ceil(events / writers) : Number.MAX_SAFE_INTEGER };
  }

  #listen(child: ChildProcess): Promise<void> {
    child.on('message', (report: WriterReport) => this.#take(report));
    return new Promise((resolve, reject) => {
      child.once('exit', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`a process of writers ended with ${signal ?? code}`));
      });
    });
  }

  #take({ writer, told }: WriterReport): void {
    const positions = this.#positions[writer] ?? [];
    for (let at = 0; at < told.length; at += 2) {
      const position = told[at + 1] ?? 0;
      positions[told[at] ?? 0] = position;
      if (position > 0) this.acknowledgedCount += 1;
      else this.unknown += 1;
    }
  }
}
