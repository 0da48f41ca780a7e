import { stat } from 'node:fs/promises';

import type { Command } from 'commander';

import { inContext, withCommonOptions, type CommonOptions, type Context, type Run } from '../context.js';
import { CommandFailed, exitCodes } from '../exit-codes.js';
import { countsOf as countsOfService, countsOfLog, countsOfReadModels } from '../catch-up.js';
import { NotLines } from '../files/csv-lines.js';
import { LedgerImport, surveyOf } from '../retail/import-ledger.js';
import { NotALedger } from '../retail/ledger-file.js';
import { agrees, compare, tableOf } from '../retail/reconcile.js';
import { SYSTEM } from '../retail/records.js';
import type { Refusal, Survey } from '../retail/survey.js';
import type { Tally } from '../tally.js';

/** So many refused invoices are listed; all are counted. */
const LISTED = 20;
const FIRST_ANSWER_MS = 5_000;

const description = [
  'Imports a ledger in the form of "Online Retail" (UCI): a CSV file, plain or gzipped, with the columns',
  'InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.',
  'Each CustomerID becomes a customer and each InvoiceNo a transaction, in GBP and London time.',
  'An invoice with a row that cannot be read is refused as a whole, with the line and the reason; the others are recorded.',
  'At the end the figures of file, log and read models are compared.',
  'Run it again whenever it was interrupted: what is recorded already stays as it is.',
].join(' ');

/** `annals import retail FILE` */
export function importRetail(parent: Command, run: Run): void {
  withCommonOptions(parent.command('retail').argument('<file>', 'the ledger, plain or gzipped').description(description)).action(
    async (file: string, options: CommonOptions) => {
      const onInterrupt = 'Interrupted. Nothing is lost: run the same command again, and it goes on from here.';
      await inContext(run, options, { onInterrupt, isPatient: true }, (context) => importFile(context, file));
    },
  );
}

async function importFile(context: Context, file: string): Promise<number> {
  const { client, terminal } = context;
  const started = performance.now();
  const survey = await surveyed(file, context);
  // Before anything is sent, and with little patience: an address where nothing listens is told from one that restarts.
  await countsOfService(client, 'projections', SYSTEM, FIRST_ANSWER_MS);
  const ledger = new LedgerImport(client, terminal, survey);
  await ledger.registerCustomers();
  await ledger.recordTransactions(file);
  const log = await countsOfLog(client, SYSTEM, ['customers', 'transactions']);
  const readModels = await countsOfReadModels(context, SYSTEM, log.position);
  const comparisons = compare(survey.figures(), log, readModels);
  const refusals = survey.refusals();
  const rejected = ledger.customers.rejected + ledger.transactions.rejected;
  const isDone = comparisons.every(agrees) && refusals.length === 0 && rejected === 0;
  const seconds = (performance.now() - started) / 1_000;
  terminal.result(
    {
      reconciled: isDone,
      seconds: Number(seconds.toFixed(1)),
      figures: comparisons.map(({ figure, isMoney: _, ...values }) => ({
        figure: figure.trim(),
        ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)])),
      })),
      customers: countsOf(ledger.customers),
      transactions: countsOf(ledger.transactions),
      refused: { count: refusals.length, first: refusals.slice(0, LISTED) },
    },
    [
      ...refusedText(refusals),
      ...ledger.customers.sentences,
      ...ledger.transactions.sentences,
      tableOf(comparisons),
      outcomeText(ledger),
      verdictText(comparisons.every(agrees), refusals.length + rejected, seconds),
    ].join('\n'),
  );
  return isDone ? exitCodes.done : exitCodes.failed;
}

async function surveyed(file: string, { terminal }: Context): Promise<Survey> {
  try {
    if ((await stat(file)).isDirectory()) throw new NotALedger('it is a directory');
    return await surveyOf(file, terminal);
  } catch (error) {
    throw inWords(file, error);
  }
}

/** What keeps a file from being read is told in a sentence; anything else is thrown on. */
function inWords(file: string, error: unknown): unknown {
  if (error instanceof NotALedger || error instanceof NotLines) {
    return new CommandFailed(`${file} is not a ledger that can be imported: ${error.message}.`);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return new CommandFailed(`${file} does not exist.`, exitCodes.usage);
  if (/^E[A-Z]+$|^Z_/.test(code) && error instanceof Error) return new CommandFailed(`${file} cannot be read: ${error.message}.`);
  return error;
}

const countsOf = ({ created, unchanged, rejected, sentences }: Tally) => ({ created, unchanged, rejected, first: sentences });

function verdictText(isSame: boolean, left: number, seconds: number): string {
  if (!isSame) return 'NOT reconciled: the figures differ.';
  const reconciled = `Reconciled in ${seconds.toFixed(1)} s`;
  return left === 0 ? `${reconciled}.` : `${reconciled}, but for ${left.toLocaleString('en-GB')} records that were refused or rejected: see above.`;
}

function refusedText(refusals: readonly Refusal[]): string[] {
  const shown = refusals.slice(0, LISTED).map(({ line, invoice, reason }) => `line ${line}: invoice ${invoice || '(none)'} is refused: ${reason}`);
  const more = refusals.length - shown.length;
  return more > 0 ? [...shown, `... and ${more} more`] : shown;
}

function outcomeText({ customers, transactions }: LedgerImport): string {
  const created = customers.created + transactions.created;
  const part = (name: string, { created: made, unchanged, rejected }: Tally): string =>
    `${name}: ${made.toLocaleString('en-GB')} created, ${unchanged.toLocaleString('en-GB')} were there already, ${rejected.toLocaleString('en-GB')} rejected`;
  return [part('Customers', customers), part('Transactions', transactions), ...(created === 0 ? ['Nothing was created.'] : [])].join('\n');
}
