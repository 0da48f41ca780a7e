import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way to a server on this machine that can be made a bad one. */
export class FaultyProxy {
  readonly #pairs = new Set<readonly [client: Socket, server: Socket]>();
  #listening: Server | undefined;
  #held = false;

  private constructor(
    private readonly target: number,
    private port = 0,
  ) {}

  /** @param target - the server's port on 127.0.0.1 */
  static async start(target: number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target);
    await proxy.back();
    return proxy;
  }

  /** `127.0.0.1:<port>`; the same for the proxy's whole life. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Breaks every connection; new ones are let through. */
  cut(): void {
    for (const [client, server] of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    this.#pairs.clear();
  }

  /** Breaks every connection and refuses new ones, as though nothing listened there. */
  away(): void {
    this.#listening?.close();
    this.#listening = undefined;
    this.cut();
  }

  /** Lets connections through again. */
  async back(): Promise<void> {
    if (this.#listening !== undefined) return;
    this.#listening = createServer((client) => this.#join(client)).listen(this.port, '127.0.0.1');
    await once(this.#listening, 'listening');
    this.port = (this.#listening.address() as AddressInfo).port;
  }

  /** Lets nothing of what the server says through, on any connection, until the function that it returns is called. */
  hold(): () => void {
    this.#held = true;
    for (const [, server] of this.#pairs) server.pause();
    return () => {
      this.#held = false;
      for (const [, server] of this.#pairs) server.resume();
    };
  }

  #join(client: Socket): void {
    const server = connect(this.target, '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => client.write(bytes));
    if (this.#held) server.pause();
  }
}
