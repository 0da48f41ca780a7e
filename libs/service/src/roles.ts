import type { Role } from '@annals/contracts';
import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';

/** What OpenAPI documents call the token that a request carries. */
export const TOKEN_SCHEME = 'token';

/** Who may use a route: whoever has one of these roles, or anybody at all, with or without a token. */
export type Access = readonly Role[] | 'anybody';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route without it is refused. */
    access?: Access;
  }
}

/** Those who may see records. */
export const READERS: readonly Role[] = ['reader', 'agent', 'integrator', 'auditor', 'privacy-officer', 'admin'];
/** Those who may change records. */
export const WRITERS: readonly Role[] = ['agent', 'integrator', 'admin'];
/** Those who may see how the system is: its log, its read models. */
export const OVERSEERS: readonly Role[] = ['integrator', 'auditor', 'privacy-officer', 'admin'];
/** Those who may change how the system works. */
export const ADMINS: readonly Role[] = ['admin'];

/** Declares who may use a route: `@Roles(...READERS)`. Every route needs it, or `@Anybody()`. */
export const Roles = (...roles: readonly Role[]): MethodDecorator => applyDecorators(access(roles), ApiBearerAuth(TOKEN_SCHEME));

/** Declares a route that shows nothing of any record, and is open to whoever reaches it. */
export const Anybody = (): MethodDecorator => access('anybody');

function access(who: Access): MethodDecorator {
  return applyDecorators(RouteConfig({ access: who }), ApiExtension('x-access', who));
}
