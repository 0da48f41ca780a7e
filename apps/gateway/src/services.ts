import type { Problem } from '@annals/contracts';

import type { ServiceName } from './routes.js';

/** A service said no, or said nothing. */
export class ServiceFailed extends Error {
  override readonly name = 'ServiceFailed';
  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(problem.detail ?? problem.title, options);
  }
}

const SILENT: Problem = {
  type: 'about:blank',
  title: 'Service Unavailable',
  status: 503,
  code: 'service-unavailable',
  detail: 'A service does not answer; try again.',
};

/** What the gateway itself asks the services. Their answers are trusted to be what the contracts say. */
export class Services {
  constructor(
    private readonly urls: Readonly<Record<ServiceName, string>>,
    private readonly timeoutMs: number,
    private readonly token?: string,
  ) {}

  /** The same, asked in the name of whoever has this token. */
  as(token: string | undefined): Services {
    return new Services(this.urls, this.timeoutMs, token);
  }

  /** @throws ServiceFailed */
  async get<View>(service: ServiceName, path: string): Promise<View> {
    return this.#json(await this.#fetch(service, path, {}));
  }

  /** @throws ServiceFailed */
  async post<View>(service: ServiceName, path: string, body: object): Promise<View> {
    const headers = { 'content-type': 'application/json' };
    return this.#json(await this.#fetch(service, path, { method: 'POST', headers, body: JSON.stringify(body) }));
  }

  async #fetch(service: ServiceName, path: string, init: Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> }): Promise<string> {
    const headers = { ...init.headers, ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }) };
    let text: string;
    let response: Response;
    try {
      response = await fetch(this.urls[service] + path, { ...init, headers, signal: AbortSignal.timeout(this.timeoutMs) });
      text = await response.text();
    } catch (error) {
      throw new ServiceFailed({ ...SILENT, detail: `The service ${service} does not answer; try again.` }, { cause: error });
    }
    if (response.ok) return text;
    throw new ServiceFailed(this.#json<Problem>(text));
  }

  #json<View>(text: string): View {
    const view: View = JSON.parse(text);
    return view;
  }
}
