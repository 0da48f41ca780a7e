import { code, customerCard, customerSummary, page, sourceCounts, textWithin, uuid, type CustomerCard, type CustomerSummary, type SourceCounts } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { Answers, READERS, Roles, sourceSystem } from '@annals/service';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';

import { canonicalId } from '../canonical-id.js';
import { cursorOf, readCursor } from '../keyset.js';
import { EVERYTHING } from '../scope.js';
import { Views, waitFor } from '../views.js';
import { countSource, findByName, findByReference, findCard } from './card.queries.js';
import { searchForm } from './search-forms.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ANY = /^/;

const cardQuery = z.strictObject({ waitFor });
const listQuery = z.strictObject({
  /** `<system>:<id>`: the system's code, and the customer's id in that system. */
  reference: textWithin(300).refine((text) => code().safeParse(text.split(':')[0]).success && text.includes(':') && !text.endsWith(':'), { error: 'is not <system>:<id>' }),
  waitFor,
});
const searchBody = z.strictObject({
  /** How a name of the customer begins, as a whole, from one of its words on, or by family name; without case and accents. */
  name: textWithin(300).refine((text) => searchForm(text) !== '', { error: 'holds nothing to search for' }),
  limit: z.int().min(1).max(200).default(50),
  cursor: cursorOf(ANY, UUID).optional(),
  waitFor,
});
const customerPage = page(customerSummary);
type CustomerPage = z.infer<typeof customerPage>;

/** The 360 degree card, the list of customers, and the counts by source. */
@Controller()
export class CardController {
  constructor(private readonly views: Views) {}

  @Get('customers/:id')
  @Roles(...READERS)
  @Answers(customerCard, 'The 360 degree card of a customer.')
  async card(@Param('id', { schema: uuid() }) id: string, @Query({ schema: cardQuery }) query: z.infer<typeof cardQuery>): Promise<CustomerCard> {
    const card = await this.views.read('card', query.waitFor, (reader) => findCard(reader, EVERYTHING, canonicalId(id)));
    if (card === undefined) throw new CommandRejected('not-found', 'customer-not-found', 'There is no such customer.');
    return card;
  }

  @Get('customers')
  @Roles(...READERS)
  @Answers(customerPage, 'The customers with an external reference.')
  async byReference(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>): Promise<CustomerPage> {
    const cut = query.reference.indexOf(':');
    const reference = { system: query.reference.slice(0, cut), id: query.reference.slice(cut + 1) };
    const items = await this.views.read('card', query.waitFor, (reader) => findByReference(reader, EVERYTHING, reference));
    return { items, next: null, previous: null };
  }

  @Post('customers/search')
  @Roles(...READERS)
  @HttpCode(200)
  @Answers(customerPage, 'The customers of whose names one begins as asked for, in order of that name.')
  async search(@Body({ schema: searchBody }) body: z.infer<typeof searchBody>): Promise<CustomerPage> {
    const { name, limit, cursor } = body;
    const found = await this.views.read('card', body.waitFor, (reader) => findByName(reader, EVERYTHING, { name, limit, cursor: readCursor(cursor) }));
    return pageOf(found);
  }

  @Get('sources/:system/counts')
  @Roles(...READERS)
  @Answers(sourceCounts, 'What the records of one source system add up to, as the views have it.')
  async counts(@Param('system', { schema: sourceSystem }) system: string): Promise<SourceCounts> {
    return await this.views.read('card', undefined, (reader) => countSource(reader, EVERYTHING, system));
  }
}

function pageOf({ rows, next, previous }: { rows: readonly CustomerSummary[]; next: string | null; previous: string | null }): CustomerPage {
  return { items: [...rows], next, previous };
}
