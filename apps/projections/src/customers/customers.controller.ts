import { customerPage, type CustomerPage } from '@annals/contracts';
import { Views, type ReadModelReader } from '@annals/read-models';
import { Answers, CsvAnswers, FromCall, READERS, Roles, type Call } from '@annals/service';
import { Body, Controller, Get, HttpCode, Post, Query, type StreamableFile } from '@nestjs/common';
import type { z } from 'zod';

import { csvFile } from '../csv.js';
import { readCursor, type Cursor } from '../keyset.js';
import { narrowed } from '../scope.js';
import { exportQuery, listOf, listQuery, searchBody } from './customers.contract.js';
import { COLUMNS } from './customers.csv.js';
import { countCustomers, listCustomers } from './customers.queries.js';
import { ContactPoints } from './contact-points.js';
import { searchCustomers } from './search.queries.js';

const EXPORT_PAGE = 500;

/** Lists of customers. */
@Controller('customers')
export class CustomersController {
  constructor(
    private readonly views: Views,
    private readonly contactPoints: ContactPoints,
  ) {}

  @Get()
  @Roles(...READERS)
  @Answers(customerPage, 'The customers of a department, a tag, a segment and so on, in the order asked for.')
  async list(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>, @FromCall() { scope }: Call): Promise<CustomerPage> {
    const list = listOf(query);
    const cursor = readCursor(query.cursor);
    return await this.views.read('card', query.waitFor, async (reader) => {
      const { rows, next, previous } = await listCustomers(reader, scope, { list, limit: query.limit, cursor });
      const count = query.count ? await countCustomers(reader, scope, list) : null;
      return { items: [...rows], next, previous, count };
    });
  }

  @Get('export')
  @Roles(...READERS)
  @CsvAnswers('The same customers as CSV (RFC 4180): a cell that a spreadsheet would take for a formula begins with an apostrophe.')
  async export(@Query({ schema: exportQuery }) query: z.infer<typeof exportQuery>, @FromCall() { scope }: Call): Promise<StreamableFile> {
    const list = listOf(query);
    return await this.views.read('card', query.waitFor, async (reader) => {
      const read = (cursor: Cursor | undefined) => listCustomers(reader, scope, { list, limit: EXPORT_PAGE, cursor });
      return await csvFile({ name: 'customers.csv', columns: COLUMNS, bom: query.bom, read });
    });
  }

  @Post('search')
  @Roles(...READERS)
  @HttpCode(200)
  @Answers(customerPage, 'The customers of whose names one begins as asked for, in order of that name, and who have the contact point.')
  async search(@Body({ schema: searchBody }) body: z.infer<typeof searchBody>, @FromCall() { scope }: Call): Promise<CustomerPage> {
    const { name, contactPoint, department, limit } = body;
    const digests = contactPoint && this.contactPoints.digestsOf(contactPoint.kind, contactPoint.value, contactPoint.country);
    const asked = { search: { name, digests }, limit, cursor: readCursor(body.cursor) };
    const search = (reader: ReadModelReader) => searchCustomers(reader, narrowed(scope, department), asked);
    const { rows, next, previous } = await this.views.read('card', body.waitFor, search);
    return { items: [...rows], next, previous, count: null };
  }
}
