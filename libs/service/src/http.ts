import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { MethodNotAllowedException, type LoggerService } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { LogController, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import helmet from 'helmet';
import { acceptBodies } from './bodies.js';
import type { ServiceConfig } from './config.js';
import { answerBeforeClosing } from './lingering.js';
import { requestSeconds } from './metrics.js';
import { problem } from './problem.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const REQUEST_TIMEOUT_MS = 60_000;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** The HTTP server of a service: what it logs, accepts and answers before any route of its own. */
export function createHttp(name: string, config: ServiceConfig): { adapter: FastifyAdapter; server: FastifyInstance } {
  // Where there is TLS it ends before this server, and whoever ends it speaks of it.
  // Made once: Fastify's plugin of it makes it anew for each request.
  const protect = helmet({ strictTransportSecurity: false, contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });
  const adapter = new FastifyAdapter({
    logger: {
      level: config.LOG_LEVEL,
      base: { service: name },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label: string) => ({ level: label }) },
    },
    // Fastify's own lines hold the URL with its query; ours hold the route.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'correlation' }),
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: (request: IncomingMessage) => correlationOf(request.headers['x-correlation-id']),
    clientErrorHandler: refuseBrokenHttp,
    // No hook runs for a URL that cannot be read.
    frameworkErrors: ({ statusCode: status = 400 }: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      protect(request.raw, reply.raw, () => {
        void reply.status(status).header('X-Correlation-Id', request.id).type('application/problem+json').send(problem(status, 'malformed-url', 'This URL cannot be read.'));
      });
    },
    return503OnClosing: false,
  });
  const server: FastifyInstance = adapter.getInstance();
  acceptBodies(server);
  answerBeforeClosing(server);
  server.addHook('onRequest', (request, reply, done) => protect(request.raw, reply.raw, (error) => done(error instanceof Error ? error : undefined)));
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('X-Correlation-Id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    logAccess(request, reply);
    done();
  });
  return { adapter, server };
}

function correlationOf(sent: string | string[] | undefined): string {
  const id = typeof sent === 'string' ? sent.toLowerCase() : '';
  return UUID.test(id) ? id : randomUUID();
}

/** One line a request: the route's pattern, never the URL, whose ids and queries may say whom it is about. */
function logAccess(request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? 'none';
  const { method } = request;
  const ms = Math.round(reply.elapsedTime * 1_000) / 1_000;
  requestSeconds.observe({ method, route, status: reply.statusCode }, ms / 1_000);
  if (route.startsWith('/health/') || route === '/metrics') return;
  request.log.info({ method, route, status: reply.statusCode, ms });
}

/** Requests that never became HTTP (too slow, too large headers, no HTTP at all) are answered as problems too. */
function refuseBrokenHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 }[error.code ?? ''] ?? 400;
  const body = JSON.stringify(problem(status, 'malformed-http', 'This is not an HTTP request that can be answered.'));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  socket.end(head + body);
}

/**
 * Collects the routes that are registered from now on.
 *
 * @returns a function that makes every other method of these paths 405, with Allow; to be called before the server listens
 */
export function refuseOtherMethods(server: FastifyInstance): () => void {
  const methodsOf = new Map<string, Set<string>>();
  server.addHook('onRoute', ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set();
    for (const each of [method].flat()) methods.add(each);
    methodsOf.set(url, methods);
  });
  return () => {
    for (const [url, known] of [...methodsOf]) {
      const other = METHODS.filter((method) => !known.has(method));
      if (url.includes('*') || other.length === 0) continue;
      const allow = [...known].join(', ');
      server.route({
        method: other,
        url,
        config: { access: 'anybody' },
        onRequest: (_request, reply, done) => {
          void reply.header('Allow', allow);
          done(new MethodNotAllowedException(`This route takes ${allow}.`));
        },
        handler: () => undefined,
      });
    }
  };
}

/** Nest's own messages, in the server's log. */
export function nestLogger(server: FastifyInstance): LoggerService {
  const { log } = server;
  return {
    log: (message: unknown) => log.debug({ nest: message }),
    debug: (message: unknown) => log.debug({ nest: message }),
    verbose: (message: unknown) => log.trace({ nest: message }),
    warn: (message: unknown) => log.warn({ nest: message }),
    error: (message: unknown) => log.error({ nest: message }),
    fatal: (message: unknown) => log.fatal({ nest: message }),
  };
}
