import { department, publicText, role, type Actor, type Role, type Scope } from '@annals/contracts';
import { z } from 'zod';

const MAX_DEPARTMENTS = 100;
const MAX_ROLES = 100;

/** Stands for every department, in a token. */
export const ALL_DEPARTMENTS = '*';

/** What a token must say beside issuer, audience and expiry (RFC 7519; `act` is RFC 8693's). */
const claims = z.object({
  sub: publicText(200),
  // An issuer gives one person roles in many systems: those that are not ours mean nothing here.
  roles: z.array(publicText(200)).max(MAX_ROLES).default([]),
  departments: z.array(z.union([z.literal(ALL_DEPARTMENTS), department()])).max(MAX_DEPARTMENTS).default([]),
  kind: z.enum(['person', 'service']).default('person'),
  act: z.object({ sub: publicText(200) }).optional(),
});

/** Who sends a request, and what they may do. */
export interface Caller {
  readonly actor: Actor;
  readonly roles: readonly Role[];
  readonly scope: Scope;
}

/**
 * What a token's claims say, once its signature and times are known to be good.
 *
 * @returns undefined where they are not what a token of ours must say
 */
export function callerOf(payload: unknown, assurance: 'token' | 'oidc'): Caller | undefined {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) return undefined;
  const { sub, roles, departments, kind, act } = parsed.data;
  return {
    // Who acts is who is recorded; whose rights they use is told beside it.
    actor: act === undefined ? { id: sub, kind, assurance } : { id: act.sub, kind, assurance, onBehalfOf: sub },
    roles: role.options.filter((each) => roles.includes(each)),
    scope: { departments: departments.includes(ALL_DEPARTMENTS) ? 'all' : departments },
  };
}
