import { ConfigError, parseSettings } from '@annals/service';
import { z } from 'zod';

const connection = () => z.string().min(1);

/** What is read of the environment: the connections that the services get, and those by which they are made. */
export const settings = z.object({
  /** A superuser, or a role that may make roles and databases. Nothing else ever uses it. */
  ADMIN_URL: connection(),
  /** The same of the read models' server, where it is another. */
  READ_MODELS_ADMIN_URL: connection().optional(),
  /** The three of the log; none of them where it is not kept in PostgreSQL. */
  LOG_OWNER_URL: connection().optional(),
  EVENT_STORE_URL: connection().optional(),
  EVENT_STORE_READER_URL: connection().optional(),
  KEYS_OWNER_URL: connection(),
  KEY_STORE_URL: connection(),
  KEY_STORE_READER_URL: connection(),
  /** The database of the read models. */
  DATABASE_URL: connection(),
});

/** The settings of one preparation. */
export type Config = z.infer<typeof settings>;

const OF_THE_LOG = ['LOG_OWNER_URL', 'EVENT_STORE_URL', 'EVENT_STORE_READER_URL'] as const;

/** @throws ConfigError with a sentence that names the variable */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const config = parseSettings(settings, env);
  const missing = OF_THE_LOG.filter((name) => config[name] === undefined);
  if (missing.length > 0 && missing.length < OF_THE_LOG.length) throw new ConfigError(`${OF_THE_LOG.join(', ')} belong together: ${missing.join(' and ')} is not set.`);
  return config;
}
