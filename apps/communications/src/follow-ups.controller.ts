import * as contracts from '@annals/contracts';
import {
  answer,
  Answers,
  Command,
  CommandAnswers,
  FromCall,
  handle,
  historyOf,
  historyPage,
  historyQuery,
  Log,
  READERS,
  recordId,
  Roles,
  WRITERS,
  type Call,
  type HistoryPage,
  type HistoryQuery,
} from '@annals/service';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { changeFollowUp } from './change.js';
import { cancelFollowUp } from './core/cancel-follow-up.js';
import { completeFollowUp } from './core/complete-follow-up.js';
import { followUp } from './core/follow-up.js';
import { postponeFollowUp } from './core/postpone-follow-up.js';
import { reassignFollowUp } from './core/reassign-follow-up.js';
import { scheduleFollowUp } from './core/schedule-follow-up.js';

const id = { schema: contracts.uuid() };

/** What is still to be done, by whom and when. */
@Controller('follow-ups')
export class FollowUpsController {
  constructor(private readonly log: Log) {}

  @Post()
  @Roles(...WRITERS)
  @CommandAnswers()
  async schedule(@Body({ schema: contracts.scheduleFollowUp }) body: contracts.ScheduleFollowUp, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    const command = new Command(this.log.identities, call, body);
    const handled = await handle({
      log: this.log,
      decider: followUp,
      stream: `followup-${recordId(this.log.identities, 'followup', command)}`,
      scope: command.scope,
      metadata: command.metadata(),
      expectNew: true,
      ifMatch: command.ifMatch,
      decide: (state) => scheduleFollowUp(body, state),
    });
    return answer(call, '/follow-ups', handled);
  }

  @Post(':id/assignment')
  @Roles(...WRITERS)
  @CommandAnswers()
  async reassign(
    @Param('id', id) followUpId: string,
    @Body({ schema: contracts.reassignFollowUp }) body: contracts.ReassignFollowUp,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeFollowUp(this.log, { call, id: followUpId, body }, (state) => reassignFollowUp(body, state));
  }

  @Post(':id/postponement')
  @Roles(...WRITERS)
  @CommandAnswers()
  async postpone(
    @Param('id', id) followUpId: string,
    @Body({ schema: contracts.postponeFollowUp }) body: contracts.PostponeFollowUp,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeFollowUp(this.log, { call, id: followUpId, body }, (state) => postponeFollowUp(body, state));
  }

  @Post(':id/completion')
  @Roles(...WRITERS)
  @CommandAnswers()
  async complete(
    @Param('id', id) followUpId: string,
    @Body({ schema: contracts.completeFollowUp }) body: contracts.CompleteFollowUp,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeFollowUp(this.log, { call, id: followUpId, body }, (state) => completeFollowUp(body, state));
  }

  @Post(':id/cancellation')
  @Roles(...WRITERS)
  @CommandAnswers()
  async cancel(
    @Param('id', id) followUpId: string,
    @Body({ schema: contracts.cancelFollowUp }) body: contracts.CancelFollowUp,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeFollowUp(this.log, { call, id: followUpId, body }, (state) => cancelFollowUp(body, state));
  }

  @Get(':id/history')
  @Roles(...READERS)
  @Answers(historyPage, 'The events of one follow-up.')
  async history(@Param('id', id) followUpId: string, @Query({ schema: historyQuery }) query: HistoryQuery, @FromCall() { scope }: Call): Promise<HistoryPage> {
    return await historyOf(this.log, `followup-${followUpId}`, { ...query, scope });
  }
}
