import * as contracts from '@annals/contracts';
import { Views, waitFor } from '@annals/read-models';
import { Answers, CommandAnswers, FromCall, Log, READERS, Roles, WRITERS, type Call } from '@annals/service';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { changeCommunication } from '../change.js';
import { dismissMatch } from '../core/dismiss-match.js';
import { MATCHING } from './matching.read-model.js';
import { unlinkedAfter } from './unlinked.query.js';

const CURSOR = /^-?\d{1,16}(?:_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}){2}$/;
const query = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(100).regex(CURSOR, { error: 'is not a cursor that this route gave' }).optional(),
  waitFor,
});
const unlinkedPage = contracts.page(contracts.unlinkedCommunication);

/** Communications whose addresses suggest customers, for a person to say whose they were. */
@Controller('communications/unlinked')
export class UnlinkedController {
  constructor(
    private readonly log: Log,
    private readonly views: Views,
  ) {}

  @Get()
  @Roles(...READERS)
  @Answers(unlinkedPage, 'Communications with an address that belongs to customers of whom none is a subject, oldest first.')
  async unlinked(@Query({ schema: query }) { limit, cursor, waitFor: until }: z.infer<typeof query>, @FromCall() { scope }: Call): Promise<z.infer<typeof unlinkedPage>> {
    return await this.views.read(MATCHING, until, (reader) => unlinkedAfter(reader, scope, { limit, cursor }));
  }

  @Post(':id/dismissal')
  @Roles(...WRITERS)
  @CommandAnswers()
  async dismiss(
    @Param('id', { schema: contracts.uuid() }) id: string,
    @Body({ schema: contracts.dismissMatch }) body: contracts.DismissMatch,
    @FromCall() call: Call,
  ): Promise<contracts.CommandAnswer> {
    return await changeCommunication(this.log, { call, id, body }, (state) => dismissMatch(body, state));
  }
}
