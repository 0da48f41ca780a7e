import type { Readable } from 'node:stream';

import { batchLineAnswer, problem, type BatchLineAnswer, type Problem } from '@annals/contracts';
import { Pool } from 'undici';
import { z } from 'zod';

import { CommandFailed, exitCodes } from './exit-codes.js';
import { retrying, TryAgain, type Patience } from './retry.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** The server must begin, and go on with, an answer within this time. */
const SILENCE_TIMEOUT_MS = 60_000;
const TEMPORARY = new Set([429, 502, 503, 504]);

/** The server understood and said no. */
export class Refused extends CommandFailed {
  constructor(
    readonly problem: Problem,
    path: string,
  ) {
    super(`${path}: ${problem.detail ?? problem.title} (${problem.code ?? problem.status})`);
  }
}

/** What a request is, beside where it goes. */
interface Sending {
  readonly method: 'GET' | 'POST';
  readonly body?: string;
  readonly contentType?: string;
}

/** The public API of Annals: keep-alive connections, bounded in number, each with one request at a time. */
export class AnnalsClient {
  readonly #pool: Pool;
  readonly url: string;

  constructor(
    url: string,
    private readonly patience: Patience,
    private readonly credentials: { readonly token?: string | undefined } = {},
    connections = 8,
  ) {
    this.url = originOf(url);
    this.#pool = new Pool(this.url, {
      connections,
      pipelining: 1,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: SILENCE_TIMEOUT_MS,
      bodyTimeout: SILENCE_TIMEOUT_MS,
    });
  }

  /**
   * @param forMs - how long to try, where it is not as long as anything else
   * @throws CommandFailed, and the signal's reason
   */
  async get<S extends z.ZodType>(path: string, schema: S, forMs = this.patience.forMs): Promise<z.infer<S>> {
    return schema.parse(JSON.parse(await this.#patiently(path, () => this.#request(path, { method: 'GET' }), forMs)));
  }

  /** @throws CommandFailed, and the signal's reason */
  async post<S extends z.ZodType>(path: string, body: object, schema: S): Promise<z.infer<S>> {
    const sending = { method: 'POST', body: JSON.stringify(body), contentType: 'application/json' } as const;
    return schema.parse(JSON.parse(await this.#patiently(path, () => this.#request(path, sending))));
  }

  /**
   * Sends lines as one batch. Lines that the server could not handle for the moment are sent again.
   *
   * @param lines - JSON, each with a key of its own, so that sending it again repeats nothing
   * @returns an answer for each line, in their order
   * @throws CommandFailed, and the signal's reason
   */
  async batch(path: string, lines: readonly string[]): Promise<BatchLineAnswer[]> {
    const answers: BatchLineAnswer[] = [];
    let open = lines.map((_, index) => index);
    await this.#patiently(path, async () => {
      const found = await this.#sendLines(path, open.map((index) => lines[index] ?? ''));
      const again: number[] = [];
      found.forEach((answer, at) => {
        const index = open[at] ?? 0;
        if (answer.outcome === 'rejected' && TEMPORARY.has(answer.status)) again.push(index);
        else answers[index] = answer;
      });
      open = again;
      if (again.length > 0) throw new TryAgain(`${again.length} lines could not be handled for the moment`);
    });
    return answers;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #sendLines(path: string, lines: readonly string[]): Promise<BatchLineAnswer[]> {
    const sending = { method: 'POST', body: `${lines.join('\n')}\n`, contentType: 'application/x-ndjson' } as const;
    const text = await this.#request(path, sending);
    const answers = text.split('\n').filter((line) => line !== '');
    if (answers.length !== lines.length) throw new TryAgain('an answer was cut short');
    return answers.map((line) => batchLineAnswer.parse(JSON.parse(line)));
  }

  async #patiently<T>(path: string, attempt: () => Promise<T>, forMs = this.patience.forMs): Promise<T> {
    try {
      return await retrying(attempt, { ...this.patience, forMs });
    } catch (error) {
      if (!(error instanceof TryAgain)) throw error;
      throw new CommandFailed(`${this.url}${path} does not answer: ${error.message}.`, exitCodes.unreachable);
    }
  }

  async #request(path: string, { method, body, contentType }: Sending): Promise<string> {
    const { statusCode, headers, text } = await this.#exchange(path, { method, body, contentType });
    if (statusCode < 300) return text;
    const detail = problemOf(statusCode, text);
    if (TEMPORARY.has(statusCode)) throw new TryAgain(detail.detail ?? detail.title, Number(headers['retry-after'] ?? 0) * 1_000);
    throw new Refused(detail, path);
  }

  async #exchange(path: string, { method, body, contentType }: { method: 'GET' | 'POST'; body: string | undefined; contentType: string | undefined }) {
    const { token } = this.credentials;
    try {
      const answer = await this.#pool.request({
        path,
        method,
        signal: this.patience.signal,
        headers: { ...(contentType !== undefined && { 'content-type': contentType }), ...(token !== undefined && { authorization: `Bearer ${token}` }) },
        ...(body === undefined ? {} : { body }),
      });
      return { ...answer, text: await textOf(answer.body) };
    } catch (error) {
      this.patience.signal.throwIfAborted();
      throw new TryAgain(reasonOf(error));
    }
  }
}

async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function originOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed.origin;
  throw new CommandFailed(`${url} is not an address like http://127.0.0.1:4000.`, exitCodes.usage);
}

function problemOf(status: number, text: string): Problem {
  try {
    return problem.parse(JSON.parse(text));
  } catch {
    // Whatever stands between us and Annals may answer in its own words.
    return { type: 'about:blank', title: `the server answered ${status}`, status };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return error.message || code || 'the connection failed';
}
