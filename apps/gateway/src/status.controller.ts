import { systemStatus, type ReadModelStatus, type SystemStatus } from '@annals/contracts';
import { Answers, bearerOf, FromCall, OVERSEERS, Roles, type Call } from '@annals/service';
import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { WITH_READ_MODELS, type ServiceName } from './routes.js';
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
  @Answers(systemStatus, 'Which log this is and how far it goes, where it is kept, how callers are known, and how far each read model has come.')
  async status(@FromCall() { actor }: Call, @Req() request: FastifyRequest): Promise<SystemStatus> {
    const services = this.services.as(bearerOf(request));
    const [{ logId, position }, ...readModels] = await Promise.all([
      services.get<{ logId: string; position: number }>('transactions', '/log'),
      ...WITH_READ_MODELS.map((service) => readModelsOf(services, service)),
    ]);
    const { demo, dataDirectory, brokers } = this.settings;
    const callers = actor.assurance === 'none' ? 'unverified' : actor.assurance;
    return { log: { id: logId, position }, demo, dataDirectory, callers, kafka: brokers && { brokers: [...brokers] }, readModels: readModels.flat() };
  }
}

async function readModelsOf(services: Services, service: ServiceName): Promise<readonly ReadModelStatus[]> {
  const { items } = await services.get<{ items: readonly ReadModelStatus[] }>(service, '/read-models');
  return items;
}
