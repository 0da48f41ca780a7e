import { ReadModels, type Happening } from '@annals/read-models';
import { openLog, type EventTopics, type OpenedLog, type Service } from '@annals/service';

import { AppModule } from './app.module.js';
import { card } from './card/card.js';
import type { Config } from './config.js';
import { ContactPoints } from './customers/contact-points.js';
import { records } from './records/records.js';
import { Zone } from './records/report/report.controller.js';
import { timeline } from './timeline/timeline.js';

/** What this service says while it runs; holds no personal data. */
const say = ({ level, readModel, message, detail }: Happening): void => {
  process.stdout.write(`${JSON.stringify({ level, time: new Date().toISOString(), service: 'projections', readModel, msg: message, detail })}\n`);
};

/** A process whose client of Kafka fails again and again is ended, and started again by who looks after it. */
const giveUp = (message: string): void => {
  say({ level: 'error', readModel: 'all', message: `${message}; this process ends` });
  process.kill(process.pid, 'SIGTERM');
};

/**
 * The service on a log that is open.
 *
 * @param topics - from where its read models are fed; by default from the log
 */
export function projectionsOn({ log, dependencies }: OpenedLog, config: Config, topics?: EventTopics): Service {
  const { store, codec, identities } = log;
  const contactPoints = new ContactPoints(identities);
  const models = [card(contactPoints.digestOf), timeline, records];
  const readModels = new ReadModels({ connectionString: config.DATABASE_URL, store, codec, models, report: say, ...(topics && { topics, gaveUp: giveUp }) });
  readModels.start();
  const check = async (): Promise<void> => {
    const [trouble] = await readModels.troubles();
    if (trouble !== undefined) throw new Error(trouble);
  };
  return {
    name: 'projections',
    config,
    module: AppModule.on(readModels, contactPoints, new Zone(config.ANNALS_TIME_ZONE)),
    dependencies: [...dependencies, { name: 'read-models', check, close: () => readModels.close() }],
  };
}

/** Opens all that the service stands on. */
export async function openProjections(config: Config, topics?: EventTopics): Promise<Service> {
  return projectionsOn(await openLog(config, { readOnly: true }), config, topics);
}
