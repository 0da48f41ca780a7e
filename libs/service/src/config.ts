import { isIPv6 } from 'node:net';
import { isTrustworthy } from '@annals/tokens';
import { z } from 'zod';

/** A setting is missing or wrong. The message is a sentence that names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Settings by which callers are known. Without any, everybody may do everything. */
const authoritySettings = {
  /** PEM of the public keys whose tokens are good. */
  TOKEN_PUBLIC_KEY_FILE: z.string().min(1).optional(),
  /** An OpenID provider whose tokens are good, as it calls itself. */
  OIDC_ISSUER: z.url().refine(isTrustworthy, { error: 'it must begin with https://' }).optional(),
  /** What its tokens for Annals have as their audience. */
  OIDC_AUDIENCE: z.string().min(1).optional(),
};

/** Settings of every service, by the names of their environment variables. */
export const serviceSettings = {
  ...authoritySettings,
  /** Where to listen: loopback, unless callers are known by their tokens. */
  HOST: z.string().default('127.0.0.1'),
  /** 0 takes a free port. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** 1 marks everything that the system says about itself as demo data. */
  ANNALS_DEMO: z.enum(['0', '1']).default('0'),
};

/** Settings of a service that uses the log and needs none of its personal fields. */
export const keylessLogSettings = {
  EVENT_STORE_URL: z.string().min(1),
  DEPLOYMENT_KEY_FILE: z.string().min(1),
};

/** Settings of a service that reads or writes personal fields of the log. */
export const logSettings = {
  ...keylessLogSettings,
  KEY_STORE_URL: z.string().min(1),
  MASTER_KEY_FILE: z.string().min(1),
};

/** `serviceSettings` parsed. */
export type ServiceConfig = z.infer<z.ZodObject<typeof serviceSettings>>;
/** `keylessLogSettings` parsed. */
export type KeylessLogConfig = z.infer<z.ZodObject<typeof keylessLogSettings>>;
/** `logSettings` parsed. */
export type LogConfig = z.infer<z.ZodObject<typeof logSettings>>;

/**
 * Reads a service's settings.
 *
 * @param env - `process.env`; other variables are left alone
 * @throws ConfigError
 */
export function parseConfig<S extends z.ZodType<ServiceConfig>>(schema: S, env: Readonly<Record<string, string | undefined>>): z.infer<S> {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0] ?? 'A setting');
    // The value is not shown: URLs hold passwords.
    throw new ConfigError(env[name] === undefined ? `${name} is not set.` : `${name} is not valid: ${issue?.message ?? ''}.`);
  }
  refuseAuthority(parsed.data);
  return parsed.data;
}

function refuseAuthority({ HOST, TOKEN_PUBLIC_KEY_FILE, OIDC_ISSUER, OIDC_AUDIENCE }: ServiceConfig): void {
  if ((OIDC_ISSUER === undefined) !== (OIDC_AUDIENCE === undefined)) throw new ConfigError('OIDC_ISSUER and OIDC_AUDIENCE belong together: one of them is not set.');
  if (TOKEN_PUBLIC_KEY_FILE !== undefined && OIDC_ISSUER !== undefined) throw new ConfigError('TOKEN_PUBLIC_KEY_FILE and OIDC_ISSUER are both set: tokens come from one of them.');
  const isOpen = TOKEN_PUBLIC_KEY_FILE === undefined && OIDC_ISSUER === undefined;
  if (isOpen && !isLoopback(HOST)) {
    throw new ConfigError(`HOST is ${HOST}: where callers are not known by tokens (TOKEN_PUBLIC_KEY_FILE or OIDC_ISSUER), a service listens on loopback only (127.0.0.1, ::1 or localhost).`);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(host) || (isIPv6(host) && host === '::1');
}
