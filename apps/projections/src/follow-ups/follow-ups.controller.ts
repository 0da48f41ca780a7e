import { department, followUp, instant, page, publicText, uuid } from '@annals/contracts';
import { Views, waitFor } from '@annals/read-models';
import { Answers, FromCall, READERS, Roles, type Call } from '@annals/service';
import { Controller, Get, Query } from '@nestjs/common';
import { z } from 'zod';

import { cursorOf, NUMBER, readCursor, UUID } from '../keyset.js';
import { listFollowUps } from './follow-ups.queries.js';

const followUpsQuery = z.strictObject({
  /** A staff id: who is to do it. */
  assignee: publicText(200).optional(),
  /** The department that is to do it, with those below it. */
  department: department().optional(),
  /** Whom it is about. */
  customer: uuid().optional(),
  /** Due at or after this instant. */
  dueFrom: instant().optional(),
  /** Due before this instant: with the present one, those that are overdue. */
  dueBefore: instant().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: cursorOf(NUMBER, UUID).optional(),
  waitFor,
});
const followUpPage = page(followUp);
type FollowUpPage = z.infer<typeof followUpPage>;

const time = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));

/** What is still to be done. */
@Controller('follow-ups')
export class FollowUpsController {
  constructor(private readonly views: Views) {}

  @Get()
  @Roles(...READERS)
  @Answers(followUpPage, 'Follow-ups that are open, the first that is due first.')
  async list(@Query({ schema: followUpsQuery }) query: z.infer<typeof followUpsQuery>, @FromCall() { scope }: Call): Promise<FollowUpPage> {
    const { assignee, department: assignedTo, customer, limit } = query;
    const filter = { assignee, assignedTo, customer, dueFrom: time(query.dueFrom), dueBefore: time(query.dueBefore) };
    const list = { filter, limit, cursor: readCursor(query.cursor) };
    const { rows, next, previous } = await this.views.read('card', query.waitFor, (reader) => listFollowUps(reader, scope, list));
    return { items: [...rows], next, previous };
  }
}
