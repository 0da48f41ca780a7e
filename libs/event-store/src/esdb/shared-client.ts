import { EventStoreDBClient } from '@eventstore/db-client';

/**
 * The one client of a process. `@eventstore/db-client` 6.2.1 keeps the pending appends of all clients in one table: an error
 * of one of them rejects those of the others, and an answer that comes after that ends the process. So a process has one
 * EventStoreDB at a time, and all that is opened on it shares its client.
 */
export class SharedClient {
  static #open: SharedClient | undefined;
  #client: EventStoreDBClient;
  #uses = 0;
  #heardAt = performance.now();
  /** Resolves when the client before this one is gone. */
  #discarding: Promise<void> = Promise.resolve();

  private constructor(private readonly url: string) {
    this.#client = connect(url);
  }

  /**
   * @param url - `esdb://` or `esdb+discover://`, as EventStoreDB's documentation describes connection strings
   * @throws RangeError where it is none, Error where this process has another open
   */
  static use(url: string): SharedClient {
    const shared = SharedClient.#open ?? new SharedClient(url);
    if (shared.url !== url) throw new Error('this process has another EventStoreDB open, and its client can serve one only');
    SharedClient.#open = shared;
    shared.#uses += 1;
    return shared;
  }

  /** The client as it is now; not to be kept. */
  async client(): Promise<EventStoreDBClient> {
    await this.#discarding;
    return this.#client;
  }

  /** The server has answered something. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Milliseconds since the server has answered anything: it may be slow, or not be heard any more. */
  get silentMs(): number {
    return performance.now() - this.#heardAt;
  }

  /**
   * Ends what waits on this client, and begins with another: for one that gets no answer. It asks a server for its features
   * once, without a time limit, and keeps a failure of that for good; and the connection may be dead without saying so.
   */
  renew(client: EventStoreDBClient): void {
    if (client !== this.#client) return;
    this.#client = connect(this.url);
    this.#discarding = this.#discarding.then(() => discard(client));
  }

  async release(): Promise<void> {
    this.#uses -= 1;
    if (this.#uses > 0) return;
    SharedClient.#open = undefined;
    await this.#discarding;
    await discard(this.#client);
  }
}

function connect(url: string): EventStoreDBClient {
  try {
    return EventStoreDBClient.connectionString(url);
  } catch (error) {
    // Its message may quote the connection string, which holds a password.
    throw new RangeError('EVENT_STORE_URL is no connection string of EventStoreDB: esdb://user:password@host:2113?tls=true', { cause: error });
  }
}

async function discard(client: EventStoreDBClient): Promise<void> {
  await client.dispose();
  // It cannot close its channel, which pings would keep alive. One that is not there any more may take long to be found, and needs no closing.
  void client['getChannel']().then(
    (channel) => channel.close(),
    () => undefined,
  );
}
