import * as contracts from '@annals/contracts';
import {
  answer,
  answerBatch,
  Answers,
  BatchAnswers,
  claimReference,
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
import { addContactPoint } from './core/add-contact-point.js';
import { changeProfile } from './core/change-profile.js';
import { customer } from './core/customer.js';
import { registerCustomer } from './core/register-customer.js';

const id = { schema: contracts.uuid() };

/** What this service takes and answers. */
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

  @Post('customers/:id/profile')
  @Roles(...WRITERS)
  @CommandAnswers()
  async changeProfile(
    @Param('id', id) customerId: string,
    @Body({ schema: contracts.changeProfile }) body: contracts.ChangeProfile,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    const command = new Command(this.log.identities, call, body);
    const metadata = command.metadata();
    const handled = await handle({
      log: this.log,
      decider: customer,
      stream: `customer-${customerId}`,
      scope: command.scope,
      metadata,
      ifMatch: command.ifMatch,
      decide: (state) => changeProfile(body, state, metadata.effectiveAt),
    });
    return answer(call, '/customers', handled);
  }

  @Post('customers/:id/contact-points')
  @Roles(...WRITERS)
  @CommandAnswers()
  async addContactPoint(
    @Param('id', id) customerId: string,
    @Body({ schema: contracts.addContactPoint }) body: contracts.AddContactPoint,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    const command = new Command(this.log.identities, call, body);
    const stream = `customer-${customerId}`;
    const handled = await handle({
      log: this.log,
      decider: customer,
      stream,
      scope: command.scope,
      metadata: command.metadata(),
      ifMatch: command.ifMatch,
      decide: (state) => addContactPoint(body, state, command.partId(stream)(0)),
    });
    return answer(call, '/customers', handled);
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
    const { body, ifMatch } = command;
    const metadata = command.metadata();
    const stream = `customer-${await this.#idOf(command, metadata)}`;
    return await handle({
      log: this.log,
      decider: customer,
      stream,
      scope: command.scope,
      metadata,
      expectNew: true,
      ifMatch,
      decide: (state) => registerCustomer(body, state, command.partId(stream)),
    });
  }

  /** Customers can get more references later, so each is claimed before it is written; who finds a claim uses its target. */
  async #idOf({ body, id: commandId }: Command<contracts.RegisterCustomer>, metadata: contracts.Metadata): Promise<string> {
    const { identities } = this.log;
    const { reference } = body;
    if (reference === undefined) return body.id ?? identities.recordId('customer', commandId);
    // A claim is for a record that is yet to be written: one that exists answers for itself, and must not take the reference by being refused.
    if (body.id !== undefined && (await this.log.store.readStream(`customer-${body.id}`, { limit: 1 })).length > 0) return body.id;
    const target = body.id ?? identities.referencedId('customer', reference.system, reference.id);
    return await claimReference(this.log, { category: 'customer', reference, target }, metadata);
  }
}
