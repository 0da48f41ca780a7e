import pg from 'pg';
import { delayMs } from '../persist.js';
import { clientConfig } from './connection.js';

const CHANNEL = 'annals_log';
// Each notification wakes every listening process: more of them a second serve nobody.
const LEAST_GAP_MS = 8;

/**
 * Tells other processes that something was appended, and hears it from them, on a connection of its own: a
 * NOTIFY inside the append's transaction would take a lock of the whole cluster at each commit. All of this
 * may fail or be late: readers poll beneath.
 */
export class Signal {
  readonly #wakes = new Set<() => void>();
  #client: pg.Client | undefined;
  #connecting: Promise<void> | undefined;
  /** After an attempt that failed. */
  #waiting = false;
  #closed = false;
  #failures = 0;
  #due = false;
  #resting = false;

  constructor(private readonly connectionString: string) {}

  /** Calls `wake` after appends of any process. Returns a function that ends it. */
  listen(wake: () => void): () => void {
    const entry = (): void => wake();
    this.#wakes.add(entry);
    this.#connect();
    return () => void this.#wakes.delete(entry);
  }

  /** Called after each group of this process: wakes its own listeners and, at bounded intervals, other processes. */
  appended(): void {
    this.#wake();
    this.#due = true;
    if (!this.#client) this.#connect();
    else if (!this.#resting) void this.#notify(this.#client);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakes.clear();
    await this.#connecting;
    await this.#client?.end();
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
  }

  async #notify(client: pg.Client): Promise<void> {
    this.#resting = true;
    this.#due = false;
    // A failure is the connection's: it ends, and a new one is made.
    await client.query(`notify ${CHANNEL}`).catch(() => undefined);
    setTimeout(() => {
      this.#resting = false;
      if (this.#due && this.#client) void this.#notify(this.#client);
    }, LEAST_GAP_MS).unref();
  }

  /** One attempt after another, with a growing wait between them, for as long as there is no connection. */
  #connect(): void {
    if (this.#client || this.#connecting || this.#waiting || this.#closed) return;
    this.#connecting = this.#attempt().then((connected) => {
      this.#connecting = undefined;
      if (!connected) this.#wait();
    });
  }

  #wait(): void {
    this.#waiting = true;
    this.#failures += 1;
    setTimeout(() => {
      this.#waiting = false;
      this.#connect();
    }, delayMs(this.#failures)).unref();
  }

  async #attempt(): Promise<boolean> {
    const client = new pg.Client(clientConfig(this.connectionString, 'signal', '-c synchronous_commit=off'));
    const lost = (): void => {
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#connect();
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', () => this.#wake());
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch {
      client.end().catch(lost);
      return false;
    }
    this.#client = client;
    this.#failures = 0;
    // Whatever was appended while nobody listened.
    this.#wake();
    return true;
  }
}
