import pg from 'pg';
import { StoreUnavailable, UnreadableLog } from '../errors.js';
import type { Appended } from '../event-store.js';
import { type AppendRow, groupOutcomes, groupQuery, type PendingAppend } from './append-group.js';
import { AppendQueue, type WaitingAppend } from './append-queue.js';
import { delayMs } from '../persist.js';
import { clientConfig, isKnownId, isTransient, unavailable } from './connection.js';
import { readLogId } from './migrate.js';

const GROUPS_IN_FLIGHT = 2;
// With fewer waiting, sending a second group while the first commits only makes both of them smaller.
const WORTH_SPLITTING = 32;

/** What a writer needs to know. */
export interface WriterOptions {
  readonly connectionString: string;
  readonly logId: string;
  readonly retryForMs: number;
  readonly onTrouble: (error: Error) => void;
  /** Called after each group, written or not. */
  readonly onDecided: () => void;
  /** Called with the size of each group that is sent. */
  readonly onGroup?: ((appends: number) => void) | undefined;
}

/**
 * Gathers the appends of this process into groups and sends them over one pipelined connection, so that
 * PostgreSQL decides them in the order of the calls. A group whose outcome is unknown is sent again: its
 * event ids make that safe.
 */
export class Writer {
  readonly #queue = new AppendQueue();
  #client: pg.Client | undefined;
  #connecting: Promise<void> | undefined;
  #scheduled = false;
  #paused = false;
  #closed = false;
  #inFlight = 0;
  #count = 0;
  #failures = 0;
  #lastTrouble: unknown;
  #whenIdle: (() => void)[] = [];

  constructor(private readonly options: WriterOptions) {}

  append(append: PendingAppend): Promise<Appended> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('the store is closed'));
    if (this.#queue.full) return Promise.reject(new StoreUnavailable('too many appends are waiting'));
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + this.options.retryForMs;
      this.#count += 1;
      this.#queue.push({ append, number: this.#count, deadline, groupLimit: Infinity, careful: false, resolve, reject });
      this.#schedule();
    });
  }

  /** Lets what is on its way come to its end, then disconnects. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#queue.length + this.#inFlight > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    await this.#connecting;
    await this.#client?.end();
    this.#client = undefined;
  }

  /** Gathers what is called together, before the event loop goes on; nothing waits longer for company. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (const { reject } of this.#queue.takeExpired(performance.now())) reject(unavailable(this.#lastTrouble));
    if (this.#queue.length === 0) this.#restIfIdle();
    else if (!this.#client) this.#connect();
    else while (this.#client && this.#maySend()) void this.#send(this.#client, this.#queue.take(this.#groupSize()));
  }

  #restIfIdle(): void {
    if (this.#inFlight > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #maySend(): boolean {
    if (this.#paused || this.#queue.length === 0) return false;
    return this.#inFlight === 0 || (this.#inFlight < GROUPS_IN_FLIGHT && this.#queue.length >= WORTH_SPLITTING / 2);
  }

  #groupSize(): number {
    const split = this.#inFlight === 0 && this.#queue.length >= WORTH_SPLITTING;
    return split ? Math.ceil(this.#queue.length / 2) : Infinity;
  }

  async #send(client: pg.Client, group: WaitingAppend[]): Promise<void> {
    this.#inFlight += 1;
    const appends = group.map(({ append }) => append);
    const careful = group.some((waiting) => waiting.careful);
    this.options.onGroup?.(group.length);
    try {
      const { rows } = await client.query<AppendRow>(groupQuery(appends, careful));
      this.#failures = 0;
      this.#settle(group, rows[0]);
    } catch (error) {
      this.#failed(group, error);
    } finally {
      this.#inFlight -= 1;
      this.#schedule();
    }
    this.options.onDecided();
  }

  #settle(group: readonly WaitingAppend[], row: AppendRow | undefined): void {
    if (!row) throw new Error('the log gave no answer to an append');
    const outcomes = groupOutcomes(
      group.map(({ append }) => append),
      row,
    );
    outcomes.forEach((outcome, index) => {
      if (outcome instanceof Error) group[index]?.reject(outcome);
      else group[index]?.resolve(outcome);
    });
  }

  /** Nothing of a group that raised was written; a lost connection leaves that unknown. */
  #failed(group: readonly WaitingAppend[], error: unknown): void {
    if (isTransient(error)) {
      this.#queue.putBack(group);
      this.#pause(error);
    } else if (isKnownId(error) && !group.some(({ careful }) => careful)) {
      this.#queue.putBack(group.map((waiting) => ({ ...waiting, careful: true })));
    } else if (group.length === 1) {
      group[0]?.reject(error);
    } else {
      // Halves are sent until the culprit is alone, so that it harms no other.
      const groupLimit = Math.ceil(group.length / 2);
      this.#queue.putBack(group.map((waiting) => ({ ...waiting, groupLimit })));
    }
  }

  #pause(error: unknown): void {
    this.#lastTrouble = error;
    if (error instanceof Error) this.options.onTrouble(error);
    if (this.#paused) return;
    this.#paused = true;
    setTimeout(() => {
      this.#paused = false;
      this.#schedule();
    }, delayMs(this.#failures));
    this.#failures += 1;
  }

  #connect(): void {
    if (this.#connecting || this.#paused) return;
    this.#connecting = this.#attempt().then(() => {
      this.#connecting = undefined;
      this.#schedule();
    });
  }

  async #attempt(): Promise<void> {
    const client = new pg.Client({ ...clientConfig(this.options.connectionString, 'writer'), pipeline: true });
    const lost = (): void => {
      if (this.#client === client) this.#client = undefined;
    };
    // Without a listener an idle connection's error would end the process. The queries report it themselves.
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      const logId = await readLogId(client);
      if (logId !== this.options.logId) {
        throw new UnreadableLog(`the database holds log ${logId} now, not ${this.options.logId}: start again`);
      }
      this.#client = client;
    } catch (error) {
      client.end().catch(lost);
      if (error instanceof UnreadableLog) this.#rejectAll(error);
      else this.#pause(error);
    }
  }

  #rejectAll(error: Error): void {
    while (this.#queue.length > 0) for (const { reject } of this.#queue.take(Infinity)) reject(error);
  }
}
