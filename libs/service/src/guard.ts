import { createHash } from 'node:crypto';
import type { Caller } from '@annals/tokens';
import fastifyRateLimit from '@fastify/rate-limit';
import { ForbiddenException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authority } from './authority.js';
import { TooManyRequests, Unauthenticated } from './problem.js';

const BEARER = /^Bearer ([\w.~+/-]+=*)$/i;
const MINUTE_MS = 60_000;
/** Clients that are counted at once; the one heard of longest ago is forgotten. */
const MAX_CLIENTS = 10_000;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends it; null where that is not known. */
    caller: Caller | null;
    /** Why that is not known. */
    stranger: unknown;
  }
}

/** How a server guards its routes. */
export interface Guarding {
  readonly authority: Authority;
  /** Requests of one client a minute, at most. */
  readonly perMinute: number | undefined;
  /** Where a request carries its token, if not in Authorization. */
  readonly tokenOf: (request: FastifyRequest) => string | undefined;
}

/** The token of a request's Authorization header. */
export function bearerOf({ headers }: FastifyRequest): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.[1];
}

/**
 * Lets nobody to a route but those whom it declares. To be called before any route is made: one that declares
 * nobody keeps the server from starting. Who sends a request is known before its body is read.
 */
export async function guardRoutes(server: FastifyInstance, { authority, perMinute, tokenOf }: Guarding): Promise<void> {
  server.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === undefined) throw new Error(`${String(method)} ${url} does not say who may use it: it needs @Roles(...) or @Anybody().`);
  });
  server.decorateRequest('caller', null);
  server.decorateRequest('stranger', undefined);
  server.addHook('onRequest', async (request) => {
    try {
      request.caller = await authority.callerOf(tokenOf(request));
    } catch (error) {
      request.stranger = error;
    }
  });
  if (perMinute !== undefined) await limitRates(server, perMinute);
  server.addHook('onRequest', (request, _reply, done) => {
    const { access } = request.routeOptions.config;
    if (request.is404 || access === 'anybody') return done();
    if (request.caller === null) return done(asError(request.stranger));
    const { roles } = request.caller;
    if (access?.some((role) => roles.includes(role)) === true) return done();
    done(new ForbiddenException('Your roles do not let you use this route.'));
  });
}

function asError(stranger: unknown): Error {
  return stranger instanceof Error ? stranger : new Unauthenticated('This needs a token.');
}

/** Counts each client's requests: by whom its token names, else by its address. */
async function limitRates(server: FastifyInstance, perMinute: number): Promise<void> {
  await server.register(fastifyRateLimit, {
    global: false,
    max: perMinute,
    timeWindow: MINUTE_MS,
    cache: MAX_CLIENTS,
    keyGenerator: clientOf,
    allowList: ({ routeOptions }) => routeOptions.url?.startsWith('/health/') === true,
    errorResponseBuilder: () => new TooManyRequests(),
  });
  server.addHook('onRequest', server.rateLimit());
}

function clientOf({ caller, ip }: FastifyRequest): string {
  if (caller === null || caller.actor.assurance === 'none') return `address ${ip}`;
  // One length for all, whatever an issuer calls people.
  return createHash('sha256').update(caller.actor.id).digest('base64');
}
