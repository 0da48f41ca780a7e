/** What a server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed; an empty object where the answer has no body. */
  readonly body: Record<string, unknown>;
}

/** A client for tests of one service. */
export interface HttpClient {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  /** Sends JSON; a body that is a text is sent as it is. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  /** Sends NDJSON, a line for each command, and gives the lines of the answer. Lines that are texts are sent as they are. */
  batch(path: string, lines: readonly unknown[], headers?: Readonly<Record<string, string>>): Promise<Record<string, unknown>[]>;
}

const written = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** @param url - asked at each request, for a service that a test starts again has another port */
export function httpClient(url: () => string): HttpClient {
  const call = async (path: string, init: RequestInit): Promise<HttpAnswer> => {
    const response = await fetch(url() + path, init);
    const text = await response.text();
    const body: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
    return { status: response.status, headers: response.headers, body };
  };
  return {
    get: async (path, headers = {}) => await call(path, { headers }),
    post: async (path, body, headers = {}) =>
      await call(path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: written(body) }),
    batch: async (path, lines, headers = {}) => {
      const body = lines.map(written).join('\n');
      const response = await fetch(url() + path, { method: 'POST', headers: { 'content-type': 'application/x-ndjson', ...headers }, body });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`the batch was answered with ${response.status}: ${text}`);
      return text.trimEnd().split('\n').map((line): Record<string, unknown> => JSON.parse(line));
    },
  };
}
