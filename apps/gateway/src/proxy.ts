import { STATUS_CODES } from 'node:http';
import type { Readable } from 'node:stream';

import replyFrom from '@fastify/reply-from';
import { answerProblem, problem, TooManyRequests } from '@annals/service';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { BodyTooLarge, limited } from './limited.js';
import { ROUTES, type Route, type ServiceName } from './routes.js';

const CONNECTIONS_PER_SERVICE = 64;
const RETRY_AFTER_SECONDS = '1';

/** Where the services are, and how long they may be silent. */
export interface Upstreams {
  readonly urls: Readonly<Record<ServiceName, string>>;
  readonly timeoutMs: number;
}

/** Registers every route of the table. Bodies and answers are streamed: neither is held here whole. */
export async function registerProxy(server: FastifyInstance, { urls, timeoutMs }: Upstreams): Promise<void> {
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.setErrorHandler((error: FastifyError, request, reply) => {
      if (error instanceof TooManyRequests) return answerProblem(error, request, reply);
      const { statusCode: status = 500 } = error;
      if (status >= 500) request.log.error({ err: error, correlation: request.id }, 'a request could not be passed on');
      const title = STATUS_CODES[status] ?? 'Error';
      send(reply, status, title.toLowerCase().replaceAll(' ', '-'), status < 500 ? error.message : 'Something went wrong on our side.');
    });
    const pass = (request: FastifyRequest, payload: Readable): Promise<Readable> => Promise.resolve(limited(payload, request.routeOptions.config.maxBytes ?? 0));
    scope.addContentTypeParser(['application/json', 'application/x-ndjson'], pass);
    await scope.register(replyFrom, {
      undici: { connections: CONNECTIONS_PER_SERVICE, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connect: { timeout: timeoutMs } },
      disableRequestLogging: true,
      // The services' addresses are few and their paths hold ids: a cache of URLs would only grow.
      disableCache: true,
    });
    for (const route of ROUTES) {
      scope.route({
        method: route.method,
        url: route.path,
        // Whose route it is knows who may use it.
        config: { maxBytes: route.maxBytes, access: 'anybody' },
        preParsing: (request, reply, _payload, done) => (isTooLarge(request, route) ? refuseTooLarge(reply) : done()),
        handler: (request, reply) => forward(request, reply, urls[route.service] + upstreamPath(request, route)),
      });
    }
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How large the body may be. */
    maxBytes?: number;
  }
}

function isTooLarge({ headers }: FastifyRequest, { maxBytes }: Route): boolean {
  return Number(headers['content-length'] ?? 0) > maxBytes;
}

function refuseTooLarge(reply: FastifyReply): void {
  // The body is not read, so the connection cannot be used again.
  send(reply.header('Connection', 'close'), 413, 'content-too-large', 'The body is larger than this route takes.');
}

/** The path as it came, after the prefix that tells the service: escapes stay as the caller wrote them. */
function upstreamPath(request: FastifyRequest, { path, upstream }: Route): string {
  const [asked = ''] = request.url.split('?', 1);
  return asked.slice(path.length - upstream.length);
}

function forward(request: FastifyRequest, reply: FastifyReply, target: string): FastifyReply {
  return reply.from(target, {
    rewriteRequestHeaders: (_request, headers) => ({ ...headers, 'x-correlation-id': request.id }),
    // The gateway's own header stands for both.
    rewriteHeaders: ({ 'x-correlation-id': _, ...headers }) => headers,
    // Whoever asked knows best whether to ask again.
    retryDelay: () => null,
    onError: (_failed, { error }) => answerFailure(request, reply, error),
  });
}

const TIMED_OUT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'FST_REPLY_FROM_GATEWAY_TIMEOUT']);

function answerFailure(request: FastifyRequest, reply: FastifyReply, error: Error): void {
  const cause = error.cause ?? error;
  if (cause instanceof BodyTooLarge) return refuseTooLarge(reply);
  const code = typeof cause === 'object' && 'code' in cause ? String(cause.code) : '';
  request.log.warn({ correlation: request.id, reason: code || error.name }, 'a service did not answer');
  if (TIMED_OUT.has(code)) return send(reply, 504, 'service-too-slow', 'The service behind this route did not answer in time.');
  send(reply.header('Retry-After', RETRY_AFTER_SECONDS), 503, 'service-unavailable', 'The service behind this route does not answer; try again.');
}

function send(reply: FastifyReply, status: number, code: string, detail: string): void {
  void reply.code(status).type('application/problem+json').send(problem(status, code, detail));
}
