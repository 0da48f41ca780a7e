import { ReadModels } from '@annals/read-models';
import { openLog, saying, withRelay, type Log, type OpenedLog, type Service } from '@annals/service';

import { AppModule } from './app.module.js';
import type { Config } from './config.js';
import { Linker } from './matching/linker.js';
import { matchingReadModel } from './matching/matching.read-model.js';

const say = saying('communications');

/** Starts to follow the log: whose addresses were used, and the links that come of it. */
export function followLog(log: Log, { DATABASE_URL }: Pick<Config, 'DATABASE_URL'>): { readonly readModels: ReadModels; readonly linker: Linker } {
  const readModels = new ReadModels({
    connectionString: DATABASE_URL,
    store: log.store,
    codec: log.codec,
    models: [matchingReadModel(log.identities)],
    // A link by address may take a second; commands are not to wait for it.
    gatherMs: 250,
    report: ({ level, readModel, message }) => say(level, `${readModel}: ${message}`),
  });
  const linker = new Linker(log, readModels, (message) => say('warn', message));
  readModels.start();
  linker.start();
  return { readModels, linker };
}

/**
 * The service on a log that is open. What follows the log is no part of its readiness: communications are logged
 * whether or not somebody can be found by an address.
 */
export function communicationsOn({ log, dependencies }: OpenedLog, config: Config): Service {
  const { readModels, linker } = followLog(log, config);
  const isFine = (): Promise<void> => Promise.resolve();
  return {
    name: 'communications',
    config,
    module: AppModule.on({ log, readModels }),
    dependencies: [
      ...dependencies,
      { name: 'matching', check: isFine, close: () => readModels.close() },
      { name: 'links', check: isFine, close: () => linker.stop() },
    ],
  };
}

/** Opens all that the service stands on. */
export async function openCommunications(config: Config): Promise<Service> {
  return communicationsOn(withRelay(await openLog(config), config, 'communications', config.KEY_STORE_URL), config);
}
