import { setTimeout as sleep } from 'node:timers/promises';
import { LocalError, messageOf } from './errors.js';
import type { LogFile } from './log-file.js';
import { Restarts } from './restarts.js';

/** A server that runs: PostgreSQL, or Kafka. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  /** Resolves with a sentence when it ends without being asked to. */
  readonly died: Promise<string>;
  stop(options?: { readonly quickly?: boolean }): Promise<void>;
}

/** Where a server's log goes, and what to do when it dies. */
export interface ServerEvents {
  /** What people call it. */
  readonly name: string;
  readonly log: LogFile;
  readonly report: (line: string) => void;
  readonly gaveUp: (error: LocalError) => void;
}

/** Starts a server, on a port of its choice or on this one. */
export type Start<S extends Server> = (port?: number) => Promise<S>;

/** A server that is started again on the same port when it dies, so that the addresses given out stay good. */
export class ServerProcess<S extends Server> {
  readonly #start: Start<S>;
  readonly #events: ServerEvents;
  readonly #restarts: Restarts;
  readonly #port: number;
  #server: S;
  #restarting: Promise<void> = Promise.resolve();
  #stopping = false;

  private constructor(server: S, start: Start<S>, events: ServerEvents) {
    this.#server = server;
    this.#port = server.port;
    this.#start = start;
    this.#events = events;
    this.#restarts = new Restarts(events.name, events.log.path);
    this.#watch();
  }

  static async start<S extends Server>(start: Start<S>, events: ServerEvents): Promise<ServerProcess<S>> {
    return new ServerProcess(await start(), start, events);
  }

  /** The server as it runs now. */
  get server(): S {
    return this.#server;
  }

  async stop(quickly: boolean): Promise<void> {
    this.#stopping = true;
    await this.#restarting;
    await this.#server.stop({ quickly });
  }

  #watch(): void {
    void this.#server.died.then((sentence) => {
      if (!this.#stopping) this.#restarting = this.#restart(sentence);
    });
  }

  async #restart(sentence: string): Promise<void> {
    try {
      const delay = this.#restarts.delayAfterDeath(performance.now());
      this.#events.report(`${sentence} It is started again.`);
      await this.#server.stop();
      await sleep(delay);
      if (this.#stopping) return;
      this.#server = await this.#start(this.#port);
      this.#watch();
    } catch (error) {
      this.#events.gaveUp(error instanceof LocalError ? error : new LocalError(messageOf(error)));
    }
  }
}
