import { timeZone } from '@annals/contracts';
import { kafkaSettings, parseConfig, serviceSettings } from '@annals/service';
import { z } from 'zod';

/** What this service reads of its environment. */
export const settings = z.object({
  ...serviceSettings,
  CUSTOMERS_URL: z.url(),
  COMMUNICATIONS_URL: z.url(),
  TRANSACTIONS_URL: z.url(),
  PROJECTIONS_URL: z.url(),
  ANALYTICS_URL: z.url(),
  /** Shown by `/status`. */
  KAFKA_BROKERS: kafkaSettings.KAFKA_BROKERS,
  ANNALS_DATA_DIR: z.string().min(1).optional(),
  /** Sets day and month boundaries, and the times on pages. */
  ANNALS_TIME_ZONE: timeZone().default('UTC'),
  /** Requests of one client a minute, at most: by its token, else by its address. By default 60,000 where callers are known, else without a limit. */
  RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000_000).optional(),
  /** How long a service may be silent before its request is given up. */
  UPSTREAM_TIMEOUT_MS: z.coerce.number().int().min(100).max(600_000).default(30_000),
});

/** The gateway's settings. */
export type GatewayConfig = z.infer<typeof settings>;

/** @throws ConfigError */
export const readConfig = (): GatewayConfig => parseConfig(settings, process.env);
