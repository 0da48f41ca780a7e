import { communicationPage, type CommunicationPage, type CommunicationSummary } from '@annals/contracts';
import { Views } from '@annals/read-models';
import { Answers, CsvAnswers, FromCall, READERS, Roles, type Call } from '@annals/service';
import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import type { z } from 'zod';

import { csvFile, textOrErased, type Column } from '../../csv.js';
import { isErased } from '../../erased.js';
import { readCursor } from '../../keyset.js';
import { countRecords, listRecords } from '../records.queries.js';
import { communicationsExport, communicationsOf, communicationsQuery } from './communications.contract.js';
import { communicationOf } from './communications.view.js';

const EXPORT_PAGE = 500;

const COLUMNS: readonly Column<CommunicationSummary>[] = [
  ['id', ({ id }) => id],
  ['startedAt', ({ startedAt }) => startedAt],
  ['answeredAt', ({ answeredAt }) => answeredAt ?? ''],
  ['endedAt', ({ endedAt }) => endedAt ?? ''],
  ['department', ({ department }) => department],
  ['medium', ({ medium }) => medium],
  ['platform', ({ platform }) => platform ?? ''],
  ['direction', ({ direction }) => direction],
  ['purpose', ({ purpose }) => purpose],
  ['disposition', ({ disposition }) => disposition ?? ''],
  ['customers', ({ customers }) => customers.map(({ id }) => id).join('; ')],
  ['names', ({ customers }) => customers.map(({ name }) => (name === null || isErased(name) ? textOrErased(name) : name.full)).join('; ')],
  ['title', ({ title }) => textOrErased(title)],
  ['text', ({ text }) => textOrErased(text)],
  ['retracted', ({ retracted }) => retracted?.by ?? ''],
  ['reference', ({ reference }) => (reference === null ? '' : `${reference.system}:${reference.id}`)],
];

/** Communications of all customers, and of none. */
@Controller('communications')
export class CommunicationsController {
  constructor(private readonly views: Views) {}

  @Get()
  @Roles(...READERS)
  @Answers(communicationPage, 'Communications, by when they began: of a department, a medium, a customer, of customers with a tag, of none, and so on.')
  async list(@Query({ schema: communicationsQuery }) query: z.infer<typeof communicationsQuery>, @FromCall() { scope }: Call): Promise<CommunicationPage> {
    const list = communicationsOf(query);
    return await this.views.read('records', query.waitFor, async (reader) => {
      const { rows, next, previous } = await listRecords(reader, scope, { list, limit: query.limit, cursor: readCursor(query.cursor) });
      return { items: rows.map(communicationOf), next, previous, count: query.count ? await countRecords(reader, scope, list) : null };
    });
  }

  @Get('export')
  @Roles(...READERS)
  @CsvAnswers('The same communications as CSV (RFC 4180): a cell that a spreadsheet would take for a formula begins with an apostrophe.')
  async export(@Query({ schema: communicationsExport }) query: z.infer<typeof communicationsExport>, @FromCall() { scope }: Call): Promise<StreamableFile> {
    const list = communicationsOf(query);
    return await this.views.read('records', query.waitFor, (reader) =>
      csvFile({
        name: 'communications.csv',
        columns: COLUMNS,
        bom: query.bom,
        read: async (cursor) => {
          const page = await listRecords(reader, scope, { list, limit: EXPORT_PAGE, cursor });
          return { ...page, rows: page.rows.map(communicationOf) };
        },
      }),
    );
  }
}
