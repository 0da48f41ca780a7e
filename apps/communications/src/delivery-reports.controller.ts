import * as contracts from '@annals/contracts';
import { answer, answerBatch, BatchAnswers, Command, CommandAnswers, FromCall, Log, Roles, WRITERS, type Call, type CommandBody, type Handled } from '@annals/service';
import { Body, Controller, Param, Post, type StreamableFile } from '@nestjs/common';
import { onCommunication } from './change.js';
import { reportDelivery, reportDeliveryByReference } from './core/report-delivery.js';

const id = { schema: contracts.uuid() };

/** What providers report of deliveries, by our id or by theirs. */
@Controller()
export class DeliveryReportsController {
  constructor(private readonly log: Log) {}

  @Post('communications/:id/delivery-reports')
  @Roles(...WRITERS)
  @CommandAnswers()
  async report(
    @Param('id', id) communicationId: string,
    @Body({ schema: contracts.reportDelivery }) body: contracts.ReportDelivery,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return answer(call, '/communications', await this.#report(new Command(this.log.identities, call, body), communicationId, reportDelivery));
  }

  @Post('communications/delivery-reports')
  @Roles(...WRITERS)
  @CommandAnswers()
  async reportByReference(
    @Body({ schema: contracts.reportDeliveryByReference }) body: contracts.ReportDeliveryByReference,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return answer(call, '/communications', await this.#byReference(new Command(this.log.identities, call, body)));
  }

  @Post('communications/delivery-reports/batch')
  @Roles(...WRITERS)
  @BatchAnswers(contracts.reportDeliveryByReference)
  reportMany(@FromCall() call: Call): StreamableFile {
    const { identities } = this.log;
    return answerBatch({ call, identities, schema: contracts.reportDeliveryByReference, handle: (command) => this.#byReference(command) });
  }

  async #byReference(command: Command<contracts.ReportDeliveryByReference>): Promise<Handled> {
    const { system, id: referenced } = command.body.reference;
    return await this.#report(command, this.log.identities.referencedId('communication', system, referenced), reportDeliveryByReference);
  }

  async #report<Body extends CommandBody & contracts.ReportDelivery>(command: Command<Body>, communicationId: string, decide: typeof reportDelivery): Promise<Handled> {
    const unsaid = { occurredAt: command.body.providerAt, precision: 'instant' as const };
    return await onCommunication(this.log, command, { id: communicationId, unsaid }, (state) => decide(command.body, state));
  }
}
