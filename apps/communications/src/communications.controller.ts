import * as contracts from '@annals/contracts';
import {
  answer,
  answerBatch,
  Answers,
  BatchAnswers,
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
  sourceSystem,
  SourceTallies,
  WRITERS,
  type Call,
  type Handled,
  type HistoryPage,
  type HistoryQuery,
} from '@annals/service';
import { Body, Controller, Get, Param, Post, Query, type StreamableFile } from '@nestjs/common';
import { changeCommunication } from './change.js';
import { amendCommunication } from './core/amend-communication.js';
import { communication } from './core/communication.js';
import { linkCommunication } from './core/link-communication.js';
import { logCommunication } from './core/log-communication.js';
import { retractCommunication } from './core/retract-communication.js';
import { unlinkCommunication } from './core/unlink-communication.js';

const id = { schema: contracts.uuid() };

/** Communications themselves: what was said, put right, taken back, and whom it concerns. */
@Controller()
export class CommunicationsController {
  readonly #tallies;

  constructor(private readonly log: Log) {
    this.#tallies = new SourceTallies<number>(log.store, {
      category: 'communication',
      first: 'CommunicationLogged',
      none: 0,
      add: (count, records) => count + records.length,
    });
  }

  @Post('communications')
  @Roles(...WRITERS)
  @CommandAnswers()
  async logOne(@Body({ schema: contracts.logCommunication }) body: contracts.LogCommunication, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return answer(call, '/communications', await this.#log(new Command(this.log.identities, call, body)));
  }

  @Post('communications/batch')
  @Roles(...WRITERS)
  @BatchAnswers(contracts.logCommunication)
  logMany(@FromCall() call: Call): StreamableFile {
    return answerBatch({ call, identities: this.log.identities, schema: contracts.logCommunication, handle: (command) => this.#log(command) });
  }

  @Post('communications/:id/amendment')
  @Roles(...WRITERS)
  @CommandAnswers()
  async amend(
    @Param('id', id) communicationId: string,
    @Body({ schema: contracts.amendCommunication }) body: contracts.AmendCommunication,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeCommunication(this.log, { call, id: communicationId, body }, (state, command, at) =>
      amendCommunication(body, state, { at, newId: command.partId(`communication-${communicationId}`) }),
    );
  }

  @Post('communications/:id/retraction')
  @Roles(...WRITERS)
  @CommandAnswers()
  async retract(
    @Param('id', id) communicationId: string,
    @Body({ schema: contracts.retractCommunication }) body: contracts.RetractCommunication,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeCommunication(this.log, { call, id: communicationId, body }, (state) => retractCommunication(body, state));
  }

  @Post('communications/:id/subjects')
  @Roles(...WRITERS)
  @CommandAnswers()
  async link(
    @Param('id', id) communicationId: string,
    @Body({ schema: contracts.linkCommunication }) body: contracts.LinkCommunication,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeCommunication(this.log, { call, id: communicationId, body }, (state, { actorId }) => linkCommunication(body, state, actorId));
  }

  @Post('communications/:id/subjects/removals')
  @Roles(...WRITERS)
  @CommandAnswers()
  async unlink(
    @Param('id', id) communicationId: string,
    @Body({ schema: contracts.unlinkCommunication }) body: contracts.UnlinkCommunication,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeCommunication(this.log, { call, id: communicationId, body }, (state) => unlinkCommunication(body, state));
  }

  @Get('communications/:id/history')
  @Roles(...READERS)
  @Answers(historyPage, 'The events of one communication.')
  async history(@Param('id', id) communicationId: string, @Query({ schema: historyQuery }) query: HistoryQuery, @FromCall() { scope }: Call): Promise<HistoryPage> {
    return await historyOf(this.log, `communication-${communicationId}`, { ...query, scope });
  }

  @Get('sources/:system/counts')
  @Roles(...READERS)
  @Answers(contracts.sourceCounts, 'What the records of one source system add up to.')
  async counts(@Param('system', { schema: sourceSystem }) source: string, @FromCall() { scope }: Call): Promise<contracts.SourceCounts> {
    const { system, position, figures } = await this.#tallies.of(source, scope);
    return { system, position, communications: figures };
  }

  async #log(command: Command<contracts.LogCommunication>): Promise<Handled> {
    const { body, ifMatch } = command;
    const stream = `communication-${recordId(this.log.identities, 'communication', command)}`;
    return await handle({
      log: this.log,
      decider: communication,
      stream,
      scope: command.scope,
      metadata: command.metadata({ occurredAt: body.startedAt, precision: 'instant' }),
      expectNew: true,
      ifMatch,
      decide: (state) => logCommunication(body, state, { newId: command.partId(stream), linkedBy: command.actorId }),
    });
  }
}
