import { department, page, possibleDuplicate } from '@annals/contracts';
import { Views, waitFor } from '@annals/read-models';
import { Answers, FromCall, READERS, Roles, type Call } from '@annals/service';
import { Controller, Get, Query } from '@nestjs/common';
import { z } from 'zod';

import { cursorOf, readCursor, UUID } from '../keyset.js';
import { narrowed } from '../scope.js';
import { findDuplicates } from './duplicates.queries.js';

const query = z.strictObject({
  /** Customers of this department and those below it. */
  department: department().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: cursorOf(UUID, UUID).optional(),
  waitFor,
});
const duplicatesPage = page(possibleDuplicate);

/** Customers who may be one, for a person to look at: nothing is merged by itself. */
@Controller('customers/duplicates')
export class DuplicatesController {
  constructor(private readonly views: Views) {}

  @Get()
  @Roles(...READERS)
  @Answers(duplicatesPage, 'Customers who may be one, and why: they have a contact point alike, or a reference of one system in several ways of writing.')
  async duplicates(@Query({ schema: query }) { department: of, limit, cursor, waitFor: until }: z.infer<typeof query>, @FromCall() { scope }: Call): Promise<z.infer<typeof duplicatesPage>> {
    const { rows, next, previous } = await this.views.read('card', until, (reader) => findDuplicates(reader, narrowed(scope, of), { limit, cursor: readCursor(cursor) }));
    return { items: [...rows], next, previous };
  }
}
