import { code, direction, instant, medium, page, textWithin, timelineEntry, uuid, type Scope } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { Views, waitFor } from '@annals/read-models';
import { Answers, FromCall, READERS, Roles, type Call } from '@annals/service';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';

import { canonicalId } from '../canonical-id.js';
import { cursorOf, NUMBER, readCursor, UUID } from '../keyset.js';
import type { TimelineFilter } from './timeline.filter.js';
import { findTimeline, hasTimeline } from './timeline.queries.js';
import { wordsOf } from './words.js';

const filters = {
  medium: medium.optional(),
  platform: code().optional(),
  direction: direction.optional(),
  purpose: code().optional(),
  /** The messages of one conversation, as an entry names it, each by itself. */
  conversation: uuid().optional(),
  /** Entries at or after this instant. */
  from: instant().optional(),
  /** Entries before this instant. */
  to: instant().optional(),
  cursor: cursorOf(NUMBER, UUID).optional(),
  waitFor,
};
const timelineQuery = z.strictObject({
  ...filters,
  /** Conversations are communications. */
  kind: z.enum(['communication', 'transaction', 'customer', 'follow-up', 'segment']).optional(),
  /** Whether the messages of a conversation that fit are one entry at the latest of them, or each is by itself. */
  threads: z.enum(['folded', 'open']).default('folded'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
/** What was said is personal, and so are the words by which it is looked for: they are in no URL. */
const timelineSearch = z.strictObject({
  ...filters,
  /** The title and first 2,000 characters hold all these words, without case and accents; Chinese and Japanese by two characters. */
  text: textWithin(200).refine((text) => wordsOf(text).length > 0, { error: 'holds no word to look for' }),
  limit: z.int().min(1).max(200).default(50),
});
const timelinePage = page(timelineEntry);
type TimelinePage = z.infer<typeof timelinePage>;
/** What both routes ask for. */
type Asked = z.infer<typeof timelineQuery> | z.infer<typeof timelineSearch>;

const time = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));

/** All that concerns a customer, latest first. */
@Controller()
export class TimelineController {
  constructor(private readonly views: Views) {}

  @Get('customers/:id/timeline')
  @Roles(...READERS)
  @Answers(timelinePage, 'All that concerns a customer, latest first; what was said in one conversation is one entry.')
  async timeline(
    @Param('id', { schema: uuid() }) id: string,
    @Query({ schema: timelineQuery }) query: z.infer<typeof timelineQuery>,
    @FromCall() { scope }: Call,
  ): Promise<TimelinePage> {
    return await this.#page(id, scope, query);
  }

  @Post('customers/:id/timeline/search')
  @Roles(...READERS)
  @HttpCode(200)
  @Answers(timelinePage, 'Communications with the customer that say all of the words, each by itself, latest first.')
  async search(
    @Param('id', { schema: uuid() }) id: string,
    @Body({ schema: timelineSearch }) body: z.infer<typeof timelineSearch>,
    @FromCall() { scope }: Call,
  ): Promise<TimelinePage> {
    return await this.#page(id, scope, body);
  }

  async #page(id: string, scope: Scope, { limit, from, to, cursor: text, waitFor: until, ...narrowed }: Asked): Promise<TimelinePage> {
    const customer = canonicalId(id);
    const filter: TimelineFilter = { ...narrowed, from: time(from), to: time(to) };
    const cursor = readCursor(text);
    return await this.views.read('timeline', until, async (reader) => {
      const { rows, next, previous } = await findTimeline(reader, scope, { customer, filter, limit, cursor });
      if (rows.length === 0 && !(await hasTimeline(reader, scope, customer))) {
        throw new CommandRejected('not-found', 'customer-not-found', 'There is no such customer.');
      }
      return { items: [...rows], next, previous };
    });
  }
}
