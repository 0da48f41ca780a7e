import { kafkaSettings, logSettings, parseConfig, serviceSettings } from '@annals/service';
import { z } from 'zod';

/** What this service reads of its environment. */
export const settings = z.object({ ...serviceSettings, ...logSettings, ...kafkaSettings });

/** This service's settings. */
export type Config = z.infer<typeof settings>;

/** @throws ConfigError with a sentence that names the variable */
export function readConfig(): Config {
  return parseConfig(settings, process.env);
}
