import type { EventStoreDBClient } from '@eventstore/db-client';
import { connectivityState } from '@grpc/grpc-js';
import { StoreUnavailable, UnreadableLog } from '../errors.js';
import { persist } from '../persist.js';
import { ensureLogId, readLogId } from './log-id.js';
import { SharedClient } from './shared-client.js';
import { isRefusal, isTransient, NoAnswer, unavailable } from './trouble.js';

/** How to reach the log and how long to try. */
export interface EventStoreDbOptions {
  /** `esdb://user:password@host:2113?tls=true`, as EventStoreDB's documentation describes connection strings. */
  readonly connectionString: string;
  /** How long an append or a read is tried again while the server cannot be reached; 10,000 ms by default. */
  readonly retryForMs?: number;
  /** How long an attempt waits for its answer, or for more of it; 5,000 ms by default. */
  readonly answerMs?: number;
  /** Told of every failure that is then tried again. */
  readonly onTrouble?: (error: Error) => void;
}

const RETRY_FOR_MS = 10_000;
const ANSWER_MS = 5_000;

/** One attempt to reach the server. */
export interface Attempt {
  readonly client: EventStoreDBClient;
  /** How long to wait for an answer, or for more of it, in milliseconds. */
  readonly answerMs: number;
}

/** What a store asks a server through: again while it cannot be reached, and always the same log. */
export class Connection {
  readonly answerMs: number;
  #logId: string | undefined;
  /** True after a failure, and a new connection is as doubtful: who answers then may be another server. */
  #isDoubtful = false;
  #closed = false;
  readonly #forgets: (() => void)[] = [];

  private constructor(
    private readonly shared: SharedClient,
    private readonly options: EventStoreDbOptions,
  ) {
    this.answerMs = options.answerMs ?? ANSWER_MS;
  }

  /** @throws StoreUnavailable, UnreadableLog, RangeError */
  static async open(options: EventStoreDbOptions): Promise<Connection> {
    const connection = new Connection(SharedClient.use(options.connectionString), options);
    try {
      connection.#logId = await connection.use(ensureLogId);
    } catch (error) {
      await connection.close();
      throw error;
    }
    return connection;
  }

  get logId(): string {
    if (this.#logId === undefined) throw new Error('the connection is not open yet');
    return this.#logId;
  }

  /** Does what is harmless to repeat, again while the server cannot be reached. @throws StoreUnavailable */
  use<T>(work: (attempt: Attempt) => Promise<T>): Promise<T> {
    const forMs = this.options.retryForMs ?? RETRY_FOR_MS;
    const onTrouble = this.options.onTrouble ?? (() => undefined);
    return persist(() => this.#attempt(work), { forMs, isTransient, unavailable, onTrouble });
  }

  /** Calls this before the first request after a failure, or over a new connection. */
  onReconnected(forget: () => void): void {
    this.#forgets.push(forget);
  }

  /** The client as it is now; not to be kept. */
  client(): Promise<EventStoreDBClient> {
    return this.shared.client();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.shared.release();
  }

  async #attempt<T>(work: (attempt: Attempt) => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreUnavailable('the store is closed');
    const client = await this.shared.client();
    const attempt = { client, answerMs: this.answerMs };
    try {
      if (this.#isDoubtful || !(await isConnected(client))) await this.#makeSure(attempt);
      const done = await work(attempt);
      this.shared.heard();
      return done;
    } catch (error) {
      this.#met(error, client);
      throw isRefusal(error) ? unavailable(error) : error;
    }
  }

  #met(error: unknown, client: EventStoreDBClient): void {
    if (isTransient(error)) this.#isDoubtful = true;
    else this.shared.heard();
    // Where others were answered meanwhile, this one was only slow.
    if (error instanceof NoAnswer && this.shared.silentMs >= this.answerMs) this.shared.renew(client);
  }

  async #makeSure(attempt: Attempt): Promise<void> {
    if (this.#logId === undefined) return;
    const logId = await readLogId(attempt);
    if (logId !== this.#logId) {
      throw new UnreadableLog(`EventStoreDB holds ${logId === undefined ? 'no log' : `log ${logId}`} now, not ${this.#logId}: start again`);
    }
    for (const forget of this.#forgets) forget();
    this.#isDoubtful = false;
  }
}

/** Whether what is sent now goes over a connection that was there before. */
async function isConnected(client: EventStoreDBClient): Promise<boolean> {
  const channel = await client['getChannel']();
  return channel.getConnectivityState(false) === connectivityState.READY;
}
