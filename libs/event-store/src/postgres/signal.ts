import pg from 'pg';
import { clientConfig, delayMs } from './connection.js';

const CHANNEL = 'annals_log';
// Each notification wakes every listening process: more of them a second serve nobody.
const LEAST_GAP_MS = 4;

/**
 * Tells other processes that something was appended, and hears it from them, on a connection of its own: a
 * NOTIFY inside the append's transaction would take a lock of the whole cluster at each commit. All of this
 * may fail or be late: readers poll beneath.
 */
export class Signal {
  readonly #wakes = new Set<() => void>();
  #client: pg.Client | undefined;
  #connecting = false;
  #closed = false;
  #failures = 0;
  #due = false;
  #resting = false;

  constructor(private readonly connectionString: string) {}

  /** Calls `wake` after appends of any process. Returns a function that ends it. */
  listen(wake: () => void): () => void {
    const entry = (): void => wake();
    this.#wakes.add(entry);
    if (!this.#client) void this.#connect();
    return () => void this.#wakes.delete(entry);
  }

  /** Called after each group of this process: wakes its own listeners and, at bounded intervals, other processes. */
  appended(): void {
    this.#wake();
    this.#due = true;
    if (!this.#client) void this.#connect();
    else if (!this.#resting) void this.#notify(this.#client);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakes.clear();
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

  async #connect(): Promise<void> {
    if (this.#connecting || this.#closed) return;
    this.#connecting = true;
    const client = new pg.Client(clientConfig(this.connectionString, 'signal', '-c synchronous_commit=off'));
    const lost = (): void => this.#lost(client);
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', () => this.#wake());
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.#client = client;
      this.#failures = 0;
      // Whatever was appended while nobody listened.
      this.#wake();
    } catch {
      await client.end().catch(lost);
      this.#failures += 1;
      this.#again();
    } finally {
      this.#connecting = false;
    }
    if (this.#closed) await client.end();
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#again();
  }

  #again(): void {
    setTimeout(() => void this.#connect(), delayMs(this.#failures)).unref();
  }
}
