import { timeZone } from '@annals/contracts';
import { kafkaSettings, logSettings, parseConfig, serviceSettings } from '@annals/service';
import { z } from 'zod';

/** Settings that matter wherever its read models have their events from. */
const own = z.object({
  ...serviceSettings,
  ...logSettings,
  /** The database of the read models, by a role that may make schemas. */
  DATABASE_URL: z.string().min(1),
  /** Where days begin. */
  ANNALS_TIME_ZONE: timeZone().default('UTC'),
});

/** What this service reads of its environment. */
export const settings = own.extend(kafkaSettings);

/** What this service is made with, parsed. */
export type Config = z.infer<typeof own>;

/** @throws ConfigError with a sentence that names the variable */
export function readConfig(): z.infer<typeof settings> {
  return parseConfig(settings, process.env);
}
