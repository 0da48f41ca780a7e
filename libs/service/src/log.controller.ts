import { logHead, type LogHead } from '@annals/contracts';
import { Controller, Get } from '@nestjs/common';
import { Log } from './log.js';
import { Answers } from './open-api.js';
import { OVERSEERS, Roles } from './roles.js';

/** What a service that writes the log says about it. */
@Controller()
export class LogController {
  constructor(private readonly log: Log) {}

  @Get('log')
  @Roles(...OVERSEERS)
  @Answers(logHead, 'Which log this is, and how far it goes.')
  async head(): Promise<LogHead> {
    const { logId, position } = await this.log.store.head();
    return { logId, position };
  }
}
