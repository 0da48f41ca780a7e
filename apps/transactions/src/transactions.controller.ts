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
  sentTo,
  sourceSystem,
  SourceTallies,
  WRITERS,
  type Call,
  type Handled,
  type HistoryPage,
  type HistoryQuery,
} from '@annals/service';
import { Body, Controller, Get, Param, Post, Query, type StreamableFile } from '@nestjs/common';
import { handleChange } from './changes.js';
import { recordTransaction } from './core/record-transaction.js';
import { transaction } from './core/transaction.js';
import { tallyOf } from './counts.js';

const id = { schema: contracts.uuid() };

/** What this service takes and answers. */
@Controller()
export class TransactionsController {
  readonly #tallies;

  constructor(private readonly log: Log) {
    this.#tallies = new SourceTallies(log.store, tallyOf(log));
  }

  @Post('transactions')
  @Roles(...WRITERS)
  @CommandAnswers()
  async record(@Body({ schema: contracts.recordTransaction }) body: contracts.RecordTransaction, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return answer(call, '/transactions', await this.#record(new Command(this.log.identities, call, body)));
  }

  @Post('transactions/batch')
  @Roles(...WRITERS)
  @BatchAnswers(contracts.recordTransaction)
  recordMany(@FromCall() call: Call): StreamableFile {
    return answerBatch({ call, identities: this.log.identities, schema: contracts.recordTransaction, handle: (command) => this.#record(command) });
  }

  @Post('transactions/changes/batch')
  @Roles(...WRITERS)
  @BatchAnswers(contracts.changeTransaction)
  changeMany(@FromCall() call: Call): StreamableFile {
    return answerBatch({ call, identities: this.log.identities, schema: contracts.changeTransaction, handle: (command) => handleChange(this.log, command) });
  }

  @Post('transactions/:id/cancellation')
  @Roles(...WRITERS)
  @CommandAnswers()
  async cancel(@Param('id', id) transactionId: string, @Body({ schema: contracts.cancelTransaction }) body: contracts.CancelTransaction, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, transaction: transactionId, change: 'cancellation' });
  }

  @Post('transactions/:id/parties')
  @Roles(...WRITERS)
  @CommandAnswers()
  async attribute(@Param('id', id) transactionId: string, @Body({ schema: contracts.attributeTransaction }) body: contracts.AttributeTransaction, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, transaction: transactionId, change: 'parties' });
  }

  @Post('transactions/:id/parties/removals')
  @Roles(...WRITERS)
  @CommandAnswers()
  async unattribute(@Param('id', id) transactionId: string, @Body({ schema: contracts.unattributeTransaction }) body: contracts.UnattributeTransaction, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, transaction: transactionId, change: 'parties/removals' });
  }

  @Get('transactions/:id/history')
  @Roles(...READERS)
  @Answers(historyPage, 'The events of one transaction.')
  async history(@Param('id', id) transactionId: string, @Query({ schema: historyQuery }) query: HistoryQuery, @FromCall() { scope }: Call): Promise<HistoryPage> {
    return await historyOf(this.log, `transaction-${transactionId}`, { ...query, scope });
  }

  @Get('sources/:system/counts')
  @Roles(...READERS)
  @Answers(contracts.sourceCounts, 'What the records of one source system add up to.')
  async counts(@Param('system', { schema: sourceSystem }) source: string, @FromCall() { scope }: Call): Promise<contracts.SourceCounts> {
    const { system, position, figures } = await this.#tallies.of(source, scope);
    return { system, position, transactions: figures };
  }

  async #record(command: Command<contracts.RecordTransaction>): Promise<Handled> {
    const { body } = command;
    return await handle({
      log: this.log,
      decider: transaction,
      stream: `transaction-${recordId(this.log.identities, 'transaction', command)}`,
      scope: command.scope,
      metadata: command.metadata({ occurredAt: `${body.issuedOn}T00:00:00.000Z`, precision: 'day' }),
      expectNew: true,
      ifMatch: command.ifMatch,
      decide: (state) => recordTransaction(body, state),
    });
  }

  async #change(call: Call, body: contracts.ChangeTransaction): Promise<contracts.CommandAnswer> {
    // A cancellation is told from other changes by what it holds: logs have its fingerprint as it is.
    const sent = body.change === 'cancellation' ? call : sentTo(body.change, call);
    return answer(call, '/transactions', await handleChange(this.log, new Command(this.log.identities, call, body, sent)));
  }
}
