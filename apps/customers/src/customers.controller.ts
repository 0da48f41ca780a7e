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
import { customer } from './core/customer.js';
import { registerCustomer } from './core/register-customer.js';
import { newCustomerId } from './references.js';

const id = { schema: contracts.uuid() };

/** Customers become known, and what is known of them is shown. */
@Controller()
export class CustomersController {
  readonly #tallies;

  constructor(private readonly log: Log) {
    this.#tallies = new SourceTallies<number>(log.store, {
      category: 'customer',
      first: 'CustomerRegistered',
      none: 0,
      add: (count, records) => count + records.length,
    });
  }

  @Post('customers')
  @Roles(...WRITERS)
  @CommandAnswers()
  async register(@Body({ schema: contracts.registerCustomer }) body: contracts.RegisterCustomer, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return answer(call, '/customers', await this.#register(new Command(this.log.identities, call, body)));
  }

  @Post('customers/batch')
  @Roles(...WRITERS)
  @BatchAnswers(contracts.registerCustomer)
  registerMany(@FromCall() call: Call): StreamableFile {
    return answerBatch({ call, identities: this.log.identities, schema: contracts.registerCustomer, handle: (command) => this.#register(command) });
  }

  @Get('customers/:id/history')
  @Roles(...READERS)
  @Answers(historyPage, 'The events of one customer.')
  async history(@Param('id', id) customerId: string, @Query({ schema: historyQuery }) query: HistoryQuery, @FromCall() { scope }: Call): Promise<HistoryPage> {
    return await historyOf(this.log, `customer-${customerId}`, { ...query, scope });
  }

  @Get('sources/:system/counts')
  @Roles(...READERS)
  @Answers(contracts.sourceCounts, 'What the records of one source system add up to.')
  async counts(@Param('system', { schema: sourceSystem }) source: string, @FromCall() { scope }: Call): Promise<contracts.SourceCounts> {
    const { system, position, figures } = await this.#tallies.of(source, scope);
    return { system, position, customers: figures };
  }

  async #register(command: Command<contracts.RegisterCustomer>): Promise<Handled> {
    const { body, ifMatch, scope } = command;
    const metadata = command.metadata();
    const stream = `customer-${await newCustomerId(this.log, command, metadata)}`;
    return await handle({
      log: this.log,
      decider: customer,
      stream,
      scope,
      metadata,
      expectNew: true,
      ifMatch,
      decide: (state) => registerCustomer(body, state, command.partId(stream)),
    });
  }
}
