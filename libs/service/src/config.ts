import { readFileSync } from 'node:fs';
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
  /** A collector of traces, `http://host:4318`; without it there are none. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
};

/** Settings of a service that uses the log and needs none of its personal fields. */
export const keylessLogSettings = {
  /** `postgres://` or `esdb://`: what keeps the log. */
  EVENT_STORE_URL: z.string().min(1),
  DEPLOYMENT_KEY_FILE: z.string().min(1),
};

/** Settings of a service that reads or writes personal fields of the log. */
export const logSettings = {
  ...keylessLogSettings,
  KEY_STORE_URL: z.string().min(1),
  MASTER_KEY_FILE: z.string().min(1),
};

const serviceConfig = z.object(serviceSettings);

/** `serviceSettings` parsed. */
export type ServiceConfig = z.infer<z.ZodObject<typeof serviceSettings>>;
/** `keylessLogSettings` parsed. */
export type KeylessLogConfig = z.infer<z.ZodObject<typeof keylessLogSettings>>;
/** `logSettings` parsed. */
export type LogConfig = z.infer<z.ZodObject<typeof logSettings>>;

/** An environment, as `process.env` is one. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads settings from the environment. Each of them may be named by a file instead, as the variable with `_FILE` behind its
 * name: what is secret in it (a URL's password) is then not in the environment, which more can read.
 *
 * @param env - `process.env`; other variables are left alone
 * @throws ConfigError
 */
export function parseSettings<S extends z.ZodObject>(schema: S, env: Environment): z.infer<S> {
  const values = withFiles(Object.keys(schema.shape), env);
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? 'A setting');
  // The value is not shown: URLs hold passwords.
  throw new ConfigError(values[name] === undefined ? `${name} is not set.` : `${name} is not valid: ${issue?.message ?? ''}.`);
}

/**
 * Reads a service's settings, as `parseSettings` does.
 *
 * @throws ConfigError, also where others than this machine could call and nobody would know who they are
 */
export function parseConfig<S extends z.ZodObject<typeof serviceSettings>>(schema: S, env: Environment): z.infer<S> {
  const config = parseSettings(schema, env);
  refuseAuthority(serviceConfig.parse(config));
  return config;
}

function withFiles(names: readonly string[], env: Environment): Environment {
  const values: Record<string, string | undefined> = { ...env };
  for (const name of names) {
    const file = env[fileSetting(name)];
    // What is a file by its own name (MASTER_KEY_FILE) has its own reader.
    if (file === undefined || names.includes(fileSetting(name))) continue;
    if (env[name] !== undefined) throw new ConfigError(`${name} and ${fileSetting(name)} are both set: say it once.`);
    values[name] = textOf(fileSetting(name), file);
  }
  return values;
}

const fileSetting = (name: string): string => `${name}_FILE`;

function textOf(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError(`${name} names a file that cannot be read: ${file}.`, { cause });
  }
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
