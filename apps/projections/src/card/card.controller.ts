import { customerCard, sourceCounts, uuid, type CustomerCard, type SourceCounts } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { Views, waitFor } from '@annals/read-models';
import { Answers, FromCall, READERS, Roles, sourceSystem, type Call } from '@annals/service';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';

import { canonicalId } from '../canonical-id.js';
import { countSource, findCard } from './card.queries.js';

const cardQuery = z.strictObject({ waitFor });

/** The 360 degree card, and the counts by source. */
@Controller()
export class CardController {
  constructor(private readonly views: Views) {}

  @Get('customers/:id')
  @Roles(...READERS)
  @Answers(customerCard, 'The 360 degree card of a customer.')
  async card(
    @Param('id', { schema: uuid() }) id: string,
    @Query({ schema: cardQuery }) query: z.infer<typeof cardQuery>,
    @FromCall() { scope }: Call,
  ): Promise<CustomerCard> {
    const card = await this.views.read('card', query.waitFor, (reader) => findCard(reader, scope, canonicalId(id)));
    if (card === undefined) throw new CommandRejected('not-found', 'customer-not-found', 'There is no such customer.');
    return card;
  }

  @Get('sources/:system/counts')
  @Roles(...READERS)
  @Answers(sourceCounts, 'What the records of one source system add up to, as the views have it.')
  async counts(@Param('system', { schema: sourceSystem }) system: string, @FromCall() { scope }: Call): Promise<SourceCounts> {
    return await this.views.read('card', undefined, (reader) => countSource(reader, scope, system));
  }
}
