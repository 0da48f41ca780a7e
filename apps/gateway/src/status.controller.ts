import { systemStatus, type ReadModelStatus, type SystemStatus } from '@annals/contracts';
import { Answers, OVERSEERS, Roles } from '@annals/service';
import { Controller, Get } from '@nestjs/common';

import type { ServiceName } from './routes.js';
import { Services } from './services.js';
import { Settings } from './settings.js';

/** What is asked of the system as a whole. */
@Controller()
export class StatusController {
  constructor(
    private readonly services: Services,
    private readonly settings: Settings,
  ) {}

  @Get('status')
  @Roles(...OVERSEERS)
  @Answers(systemStatus, 'Which log this is and how far it goes, where it is kept, and how far each read model has come.')
  async status(): Promise<SystemStatus> {
    const [{ logId, position }, ...readModels] = await Promise.all([
      this.services.get<{ logId: string; position: number }>('transactions', '/log'),
      this.#readModels('projections'),
      this.#readModels('analytics'),
    ]);
    const { demo, dataDirectory } = this.settings;
    return { log: { id: logId, position }, demo, dataDirectory, readModels: readModels.flat() };
  }

  async #readModels(service: ServiceName): Promise<readonly ReadModelStatus[]> {
    const { items } = await this.services.get<{ items: readonly ReadModelStatus[] }>(service, '/read-models');
    return items;
  }
}
