import { ReadModels } from '@annals/read-models';
import { openLogWithoutKeys, saying, withRelay, type Log, type OpenedLog, type Service, type ServiceConfig } from '@annals/service';

import { AppModule } from './app.module.js';
import { Assigner } from './assigner.js';
import type { Config } from './config.js';
import { featuresReadModel } from './features/features.read-model.js';
import { memberships } from './memberships/memberships.read-model.js';
import { Trainer } from './trainer.js';

const say = saying('analytics');

/** What follows the log in this service. */
export interface Analytics {
  readonly readModels: ReadModels;
  readonly assigner: Assigner;
  readonly trainer: Trainer;
}

/**
 * Starts to follow the log: features, memberships, and the decisions that come of them.
 *
 * @param settings - `DATABASE_URL` of the read models, `ANNALS_TIME_ZONE`
 */
export function followLog(log: Log, settings: Pick<Config, 'DATABASE_URL' | 'ANNALS_TIME_ZONE'>): Analytics {
  const assigner: Assigner = new Assigner(log, () => readModels, (message) => say('warn', message));
  const readModels = new ReadModels({
    connectionString: settings.DATABASE_URL,
    store: log.store,
    codec: log.codec,
    models: [featuresReadModel((touched) => assigner.touch(touched)), memberships],
    // Segments follow customers within a second; their batches may be large.
    gatherMs: 250,
    report: ({ level, readModel, message }) => say(level, `${readModel}: ${message}`),
  });
  readModels.start();
  assigner.start();
  return { readModels, assigner, trainer: new Trainer({ log, readModels, assigner, zone: settings.ANNALS_TIME_ZONE }) };
}

/** The service on a log that is open. */
export function analyticsOn({ log, dependencies }: OpenedLog, config: ServiceConfig & Pick<Config, 'DATABASE_URL' | 'ANNALS_TIME_ZONE'>): Service {
  const { readModels, assigner, trainer } = followLog(log, config);
  const check = async (): Promise<void> => {
    const [trouble] = await readModels.troubles();
    if (trouble !== undefined) throw new Error(trouble);
  };
  return {
    name: 'analytics',
    config,
    module: AppModule.on({ log, readModels, trainer }),
    dependencies: [
      ...dependencies,
      { name: 'read-models', check, close: () => readModels.close() },
      { name: 'memberships', check: () => Promise.resolve(), close: () => assigner.stop() },
    ],
  };
}

/** Opens all that the service stands on; no key, since no feature is made of anything personal. */
export async function openAnalytics(config: Config): Promise<Service> {
  return analyticsOn(withRelay(await openLogWithoutKeys(config), config, 'analytics', config.DATABASE_URL), config);
}
