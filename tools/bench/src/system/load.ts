import { Agent, request } from 'node:http';

/** What was answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One call. */
export interface Call {
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A sender with connections that are kept; leaner than `fetch`, since it runs on the processors that are measured. */
export class Sender {
  readonly #agent: Agent;

  constructor(connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  send({ method = 'GET', url, body, headers = {} }: Call): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const own = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, agent: this.#agent, headers: { ...own, ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      });
      sent.on('error', reject);
      sent.end(text);
    });
  }

  /** A call that must be answered with this status. */
  async must(status: number, call: Call): Promise<Answer> {
    const answer = await this.send(call);
    if (answer.status !== status) throw new Error(`${call.method ?? 'GET'} ${call.url} was answered with ${answer.status}: ${answer.body.slice(0, 500)}`);
    return answer;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** What callers who wait for each answer came to. */
export interface Run {
  readonly perSecond: number;
  /** Milliseconds of each call. */
  readonly latencies: readonly number[];
}

/** So many callers, each one call after another, until the time is up. @param one - the call of this number */
export async function callers(count: number, ms: number, one: (n: number) => Promise<unknown>): Promise<Run> {
  const latencies: number[] = [];
  const started = performance.now();
  let n = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() - started < ms) {
      const before = performance.now();
      await one(n++);
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: count }, caller));
  return { perSecond: latencies.length / ((performance.now() - started) / 1_000), latencies };
}
