import { setTimeout as sleep } from 'node:timers/promises';
import { LocalError, messageOf } from './errors.js';
import type { LogFile } from './log-file.js';
import { startPostgres, type Postgres, type PostgresOptions } from './postgres.js';
import { Restarts } from './restarts.js';

/** Where PostgreSQL's log goes, and what to do when PostgreSQL dies. */
export interface ClusterEvents {
  readonly log: LogFile;
  readonly report: (line: string) => void;
  readonly gaveUp: (error: LocalError) => void;
}

/** A PostgreSQL that is started again on the same port when it dies, so that the URLs given out stay good. */
export class ClusterProcess {
  readonly #options: PostgresOptions;
  readonly #events: ClusterEvents;
  readonly #restarts: Restarts;
  #postgres: Postgres;
  #restarting: Promise<void> = Promise.resolve();
  #stopping = false;

  private constructor(postgres: Postgres, options: PostgresOptions, events: ClusterEvents) {
    this.#postgres = postgres;
    this.#options = { ...options, port: postgres.port };
    this.#events = events;
    this.#restarts = new Restarts('PostgreSQL', events.log.path);
    this.#watch();
  }

  static async start(options: PostgresOptions, events: ClusterEvents): Promise<ClusterProcess> {
    const logged: PostgresOptions = { ...options, log: (text) => events.log.write(text) };
    return new ClusterProcess(await startPostgres(logged), logged, events);
  }

  /** The server as it runs now. */
  get server(): Postgres {
    return this.#postgres;
  }

  async stop(quickly: boolean): Promise<void> {
    this.#stopping = true;
    await this.#restarting;
    await this.#postgres.stop({ quickly });
  }

  #watch(): void {
    void this.#postgres.died.then((sentence) => {
      if (!this.#stopping) this.#restarting = this.#restart(sentence);
    });
  }

  async #restart(sentence: string): Promise<void> {
    try {
      const delay = this.#restarts.delayAfterDeath(performance.now());
      this.#events.report(`${sentence} It is started again.`);
      await this.#postgres.stop();
      await sleep(delay);
      if (this.#stopping) return;
      this.#postgres = await startPostgres(this.#options);
      this.#watch();
    } catch (error) {
      this.#events.gaveUp(error instanceof LocalError ? error : new LocalError(messageOf(error)));
    }
  }
}
