import { code, direction, instant, medium, page, textWithin, timelineEntry, uuid } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { Views, waitFor } from '@annals/read-models';
import { Answers, FromCall, READERS, Roles, type Call } from '@annals/service';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';

import { canonicalId } from '../canonical-id.js';
import { cursorOf, NUMBER, readCursor, UUID } from '../keyset.js';
import { findTimeline, hasTimeline } from './timeline.queries.js';
import { wordsOf } from './words.js';

const timelineQuery = z.strictObject({
  /** Conversations are communications. */
  kind: z.enum(['communication', 'transaction', 'customer', 'follow-up', 'segment']).optional(),
  medium: medium.optional(),
  platform: code().optional(),
  direction: direction.optional(),
  purpose: code().optional(),
  /** Whether the messages of a conversation that fit are one entry at the latest of them, or each is by itself. */
  threads: z.enum(['folded', 'open']).default('folded'),
  /** The messages of one conversation, as an entry names it, each by itself. */
  conversation: uuid().optional(),
  /** Communications, each by itself, whose title and first 2,000 characters hold all these words, without case and accents; Chinese and Japanese by two characters. */
  text: textWithin(200).refine((text) => wordsOf(text).length > 0, { error: 'holds no word to look for' }).optional(),
  /** Entries at or after this instant. */
  from: instant().optional(),
  /** Entries before this instant. */
  to: instant().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: cursorOf(NUMBER, UUID).optional(),
  waitFor,
});
const timelinePage = page(timelineEntry);
type TimelinePage = z.infer<typeof timelinePage>;

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
    const customer = canonicalId(id);
    const { limit, from, to, cursor: _, waitFor: __, ...narrowed } = query;
    const filter = { ...narrowed, from: time(from), to: time(to) };
    const cursor = readCursor(query.cursor);
    return await this.views.read('timeline', query.waitFor, async (reader) => {
      const { rows, next, previous } = await findTimeline(reader, scope, { customer, filter, limit, cursor });
      if (rows.length === 0 && !(await hasTimeline(reader, scope, customer))) {
        throw new CommandRejected('not-found', 'customer-not-found', 'There is no such customer.');
      }
      return { items: [...rows], next, previous };
    });
  }
}
