import * as contracts from '@annals/contracts';
import { answer, answerBatch, BatchAnswers, Command, CommandAnswers, FromCall, Log, Roles, sentTo, WRITERS, type Call } from '@annals/service';
import { Body, Controller, Param, Post, type StreamableFile } from '@nestjs/common';
import { handleChange } from './changes.js';

const id = { schema: contracts.uuid() };

/** Their bodies were told apart by what they hold before there were routes whose bodies look alike: logs have their fingerprints. */
const TOLD_APART = new Set(['profile', 'contact-points']);

/** What happens to one customer, each on a route of its own, and any of it in a batch. */
@Controller()
export class ChangesController {
  constructor(private readonly log: Log) {}

  @Post('customers/changes/batch')
  @Roles(...WRITERS)
  @BatchAnswers(contracts.changeCustomer)
  changeMany(@FromCall() call: Call): StreamableFile {
    return answerBatch({ call, identities: this.log.identities, schema: contracts.changeCustomer, handle: (command) => handleChange(this.log, command) });
  }

  @Post('customers/:id/profile')
  @Roles(...WRITERS)
  @CommandAnswers()
  async changeProfile(@Param('id', id) customer: string, @Body({ schema: contracts.changeProfile }) body: contracts.ChangeProfile, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'profile' });
  }

  @Post('customers/:id/contact-points')
  @Roles(...WRITERS)
  @CommandAnswers()
  async addContactPoint(@Param('id', id) customer: string, @Body({ schema: contracts.addContactPoint }) body: contracts.AddContactPoint, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'contact-points' });
  }

  @Post('customers/:id/contact-points/verifications')
  @Roles(...WRITERS)
  @CommandAnswers()
  async verifyContactPoint(@Param('id', id) customer: string, @Body({ schema: contracts.verifyContactPoint }) body: contracts.VerifyContactPoint, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'contact-points/verifications' });
  }

  @Post('customers/:id/contact-points/removals')
  @Roles(...WRITERS)
  @CommandAnswers()
  async removeContactPoint(@Param('id', id) customer: string, @Body({ schema: contracts.removeContactPoint }) body: contracts.RemoveContactPoint, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'contact-points/removals' });
  }

  @Post('customers/:id/references')
  @Roles(...WRITERS)
  @CommandAnswers()
  async addReference(@Param('id', id) customer: string, @Body({ schema: contracts.addReference }) body: contracts.AddReference, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'references' });
  }

  @Post('customers/:id/references/removals')
  @Roles(...WRITERS)
  @CommandAnswers()
  async removeReference(@Param('id', id) customer: string, @Body({ schema: contracts.removeReference }) body: contracts.RemoveReference, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'references/removals' });
  }

  @Post('customers/:id/assignments')
  @Roles(...WRITERS)
  @CommandAnswers()
  async assign(@Param('id', id) customer: string, @Body({ schema: contracts.assignCustomer }) body: contracts.AssignCustomer, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'assignments' });
  }

  @Post('customers/:id/assignments/removals')
  @Roles(...WRITERS)
  @CommandAnswers()
  async unassign(@Param('id', id) customer: string, @Body({ schema: contracts.unassignCustomer }) body: contracts.UnassignCustomer, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'assignments/removals' });
  }

  @Post('customers/:id/tags')
  @Roles(...WRITERS)
  @CommandAnswers()
  async tag(@Param('id', id) customer: string, @Body({ schema: contracts.tagCustomer }) body: contracts.TagCustomer, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'tags' });
  }

  @Post('customers/:id/tags/removals')
  @Roles(...WRITERS)
  @CommandAnswers()
  async untag(@Param('id', id) customer: string, @Body({ schema: contracts.untagCustomer }) body: contracts.UntagCustomer, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'tags/removals' });
  }

  @Post('customers/:id/deactivation')
  @Roles(...WRITERS)
  @CommandAnswers()
  async deactivate(@Param('id', id) customer: string, @Body({ schema: contracts.deactivateCustomer }) body: contracts.DeactivateCustomer, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'deactivation' });
  }

  @Post('customers/:id/reactivation')
  @Roles(...WRITERS)
  @CommandAnswers()
  async reactivate(@Param('id', id) customer: string, @Body({ schema: contracts.reactivateCustomer }) body: contracts.ReactivateCustomer, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'reactivation' });
  }

  @Post('customers/:id/duplicates/dismissals')
  @Roles(...WRITERS)
  @CommandAnswers()
  async dismissDuplicate(@Param('id', id) customer: string, @Body({ schema: contracts.dismissDuplicate }) body: contracts.DismissDuplicate, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'duplicates/dismissals' });
  }

  @Post('customers/:id/duplicates/dismissals/removals')
  @Roles(...WRITERS)
  @CommandAnswers()
  async withdrawDismissal(@Param('id', id) customer: string, @Body({ schema: contracts.withdrawDismissal }) body: contracts.WithdrawDismissal, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'duplicates/dismissals/removals' });
  }

  @Post('customers/:id/profiling-objection')
  @Roles(...WRITERS)
  @CommandAnswers()
  async objectToProfiling(@Param('id', id) customer: string, @Body({ schema: contracts.objectToProfiling }) body: contracts.ObjectToProfiling, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'profiling-objection' });
  }

  @Post('customers/:id/profiling-permission')
  @Roles(...WRITERS)
  @CommandAnswers()
  async allowProfiling(@Param('id', id) customer: string, @Body({ schema: contracts.allowProfiling }) body: contracts.AllowProfiling, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return await this.#change(call, { ...body, customer, change: 'profiling-permission' });
  }

  async #change(call: Call, body: contracts.ChangeCustomer): Promise<contracts.CommandAnswer> {
    const sent = TOLD_APART.has(body.change) ? call : sentTo(body.change, call);
    return answer(call, '/customers', await handleChange(this.log, new Command(this.log.identities, call, body, sent)));
  }
}
