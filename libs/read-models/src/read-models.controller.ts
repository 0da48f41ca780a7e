import { code, page, readModelDigest, readModelStatus, type ReadModelDigest } from '@annals/contracts';
import { ADMINS, Answers, OVERSEERS, Roles } from '@annals/service';
import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import type { z } from 'zod';

import { Views } from './views.js';

const statusPage = page(readModelStatus);
type StatusPage = z.infer<typeof statusPage>;
const name = { schema: code() };

/** Where the read models stand, and what can be done about them. */
@Controller('read-models')
export class ReadModelsController {
  constructor(private readonly views: Views) {}

  @Get()
  @Roles(...OVERSEERS)
  @Answers(statusPage, 'Where each read model of this service stands, and each build.')
  async status(): Promise<StatusPage> {
    return { items: await this.views.status(), next: null, previous: null };
  }

  @Get(':name/digest')
  @Roles(...OVERSEERS)
  @Answers(readModelDigest, 'A digest of what a read model holds: the same for every generation that was built from the same events.')
  async digest(@Param('name', name) readModel: string): Promise<ReadModelDigest> {
    return { name: readModel, digest: await this.views.digest(readModel) };
  }

  /** Progress is the new generation's row of `GET /read-models`. */
  @Post(':name/rebuild')
  @Roles(...ADMINS)
  @HttpCode(202)
  async rebuild(@Param('name', name) readModel: string): Promise<StatusPage> {
    await this.views.rebuild(readModel);
    return await this.status();
  }

  /** Applies parked streams that can be applied by now. */
  @Post(':name/retry')
  @Roles(...ADMINS)
  @HttpCode(202)
  async retry(@Param('name', name) readModel: string): Promise<StatusPage> {
    await this.views.retryParked(readModel);
    return await this.status();
  }
}
