import * as contracts from '@annals/contracts';
import { Views } from '@annals/read-models';
import { CommandRejected } from '@annals/kernel';
import { ADMINS, answer, Answers, Command, CommandAnswers, FromCall, Log, READERS, Roles, type Call } from '@annals/service';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';

import { segmentationId } from './identity.js';
import { activeModel, membersAfter, segmentsOf } from './memberships/memberships.query.js';
import { Trainer } from './trainer.js';

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

const membersQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: contracts.uuid().optional(),
});
const membersPage = contracts.page(contracts.segmentMember);
const id = { schema: contracts.uuid() };

/** What this service takes and answers. */
@Controller()
export class AnalyticsController {
  constructor(
    private readonly log: Log,
    private readonly views: Views,
    private readonly trainer: Trainer,
  ) {}

  @Post('segments/training')
  @Roles(...ADMINS)
  @CommandAnswers()
  async train(@Body({ schema: contracts.trainSegments }) body: contracts.TrainSegments, @FromCall() call: Call): Promise<contracts.CommandAnswer> {
    return answer(call, '/segments', await this.trainer.train(new Command(this.log.identities, call, body)));
  }

  @Get('segments')
  @Roles(...READERS)
  @Answers(contracts.segmentsView, 'The active model and its segments.')
  async segments(@FromCall() { scope }: Call): Promise<contracts.SegmentsView> {
    const view = await this.views.read('memberships', undefined, (reader) => segmentsOf(reader, scope, segmentationId(this.log.identities)));
    if (view === undefined) throw notTrained();
    return view;
  }

  @Get('segments/:id/members')
  @Roles(...READERS)
  @Answers(membersPage, 'The customers in a segment, by id.')
  async members(
    @Param('id', id) segment: string,
    @Query({ schema: membersQuery }) { limit, cursor = BEFORE_ALL }: z.infer<typeof membersQuery>,
    @FromCall() { scope }: Call,
  ): Promise<z.infer<typeof membersPage>> {
    const segmentation = segmentationId(this.log.identities);
    return await this.views.read('memberships', undefined, async (reader) => {
      const active = await activeModel(reader, segmentation);
      if (active === undefined) throw notTrained();
      // Memberships have no department: to who does not see all of them, a segment is as one that is not there.
      if (scope.departments !== 'all' || !active.trained.segments.some((each) => each.id === segment)) {
        throw new CommandRejected('not-found', 'segment-not-found', 'There is no such segment in the active model.');
      }
      const found = await membersAfter(reader, { segmentation, segment }, cursor, limit + 1);
      const items = found.slice(0, limit);
      return { items, next: found.length > limit ? (items.at(-1)?.customer ?? null) : null, previous: null };
    });
  }
}

function notTrained(): CommandRejected {
  return new CommandRejected('not-found', 'segmentation-not-trained', 'There are no segments yet: train them first, with POST /segments/training.');
}
