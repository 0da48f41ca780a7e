import { transactionPage, type TransactionPage, type TransactionSummary } from '@annals/contracts';
import { Views } from '@annals/read-models';
import { Answers, CsvAnswers, FromCall, READERS, Roles, type Call } from '@annals/service';
import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import type { z } from 'zod';

import { csvFile, textOrErased, type Column } from '../../csv.js';
import { isErased } from '../../erased.js';
import { readCursor } from '../../keyset.js';
import { countRecords, listRecords, type FoundRecord } from '../records.queries.js';
import type { TransactionState } from '../records.state.js';
import { transactionsExport, transactionsOf, transactionsQuery } from './transactions.contract.js';

const EXPORT_PAGE = 500;

const COLUMNS: readonly Column<TransactionSummary>[] = [
  ['id', ({ id }) => id],
  ['at', ({ at }) => at],
  ['issuedOn', ({ issuedOn }) => issuedOn],
  ['department', ({ department }) => department],
  ['kind', ({ kind }) => kind],
  ['number', ({ number }) => number ?? ''],
  ['currency', ({ currency }) => currency],
  ['totalMinor', ({ totalMinor }) => String(totalMinor)],
  ['lines', ({ lines }) => String(lines)],
  ['country', ({ country }) => country ?? ''],
  ['cancelled', ({ cancelled }) => String(cancelled)],
  ['customers', ({ customers }) => customers.map(({ id, role }) => `${role}:${id}`).join('; ')],
  ['names', ({ customers }) => customers.map(({ name }) => (name === null || isErased(name) ? textOrErased(name) : name.full)).join('; ')],
  ['reference', ({ reference }) => (reference === null ? '' : `${reference.system}:${reference.id}`)],
];

function transactionOf({ id, revision, state, nameOf }: FoundRecord): TransactionSummary {
  // The text was written by foldStreams, from a TransactionState.
  const { of: _, at, parties, ...shown } = JSON.parse(state) as TransactionState;
  const customers = parties.map(({ customerId, role }) => ({ id: customerId, role, name: nameOf(customerId) }));
  return { id, revision, at: new Date(at).toISOString(), ...shown, customers };
}

/** Transactions of all customers, and of none. */
@Controller('transactions')
export class TransactionsController {
  constructor(private readonly views: Views) {}

  @Get()
  @Roles(...READERS)
  @Answers(transactionPage, 'Transactions, by when they were done or by their total: of a department, a kind, a customer, of customers with a tag, and so on.')
  async list(@Query({ schema: transactionsQuery }) query: z.infer<typeof transactionsQuery>, @FromCall() { scope }: Call): Promise<TransactionPage> {
    const list = transactionsOf(query);
    return await this.views.read('records', query.waitFor, async (reader) => {
      const { rows, next, previous } = await listRecords(reader, scope, { list, limit: query.limit, cursor: readCursor(query.cursor) });
      return { items: rows.map(transactionOf), next, previous, count: query.count ? await countRecords(reader, scope, list) : null };
    });
  }

  @Get('export')
  @Roles(...READERS)
  @CsvAnswers('The same transactions as CSV (RFC 4180): a cell that a spreadsheet would take for a formula begins with an apostrophe.')
  async export(@Query({ schema: transactionsExport }) query: z.infer<typeof transactionsExport>, @FromCall() { scope }: Call): Promise<StreamableFile> {
    const list = transactionsOf(query);
    return await this.views.read('records', query.waitFor, (reader) =>
      csvFile({
        name: 'transactions.csv',
        columns: COLUMNS,
        bom: query.bom,
        read: async (cursor) => {
          const page = await listRecords(reader, scope, { list, limit: EXPORT_PAGE, cursor });
          return { ...page, rows: page.rows.map(transactionOf) };
        },
      }),
    );
  }
}
