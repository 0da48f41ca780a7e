import { timeZone } from '@annals/contracts';
import { kafkaSettings, logSettings, parseConfig, serviceSettings } from '@annals/service';
import { z } from 'zod';

/** What this service reads of its environment. */
export const settings = z.object({
  ...serviceSettings,
  ...logSettings,
  /** The database of the read models, by a role that may make schemas. */
  DATABASE_URL: z.string().min(1),
  /** Where days begin. */
  ANNALS_TIME_ZONE: timeZone().default('UTC'),
});

const withKafka = settings.extend(kafkaSettings);

/** What this service is made with, wherever its read models have their events from. */
export type Config = z.infer<typeof settings>;

/** @throws ConfigError with a sentence that names the variable */
export function readConfig(): z.infer<typeof withKafka> {
  return parseConfig(withKafka, process.env);
}
