import { randomUUID } from 'node:crypto';

import { uuid, type BatchLineAnswer } from '@annals/contracts';
import { z } from 'zod';

import { BatchSender } from '../batch-sender.js';
import type { AnnalsClient } from '../client.js';
import type { Progress, Terminal } from '../terminal.js';
import { Invoices } from './invoices.js';
import { readLedger } from './ledger-file.js';
import { customerOf, SYSTEM, transactionOf, type Invoice } from './records.js';
import { Survey } from './survey.js';
import { Tally } from '../tally.js';

/** Of a page of customers the part that is needed. */
const customersPage = z.object({ items: z.array(z.object({ id: uuid() })) });

/** Reads the whole ledger once, and sends nothing. */
export async function surveyOf(path: string, terminal: Terminal): Promise<Survey> {
  const survey = new Survey();
  terminal.note(`Reading ${path}`);
  for await (const rows of readLedger(path)) for (const row of rows) survey.add(row);
  return survey;
}

/** One run of the import. */
export class LedgerImport {
  readonly customers = new Tally('customer');
  readonly transactions = new Tally('transaction');
  readonly #importId = randomUUID();
  readonly #ids = new Map<string, string>();

  constructor(
    private readonly client: AnnalsClient,
    private readonly terminal: Terminal,
    private readonly survey: Survey,
  ) {}

  /** Registers the ledger's customers; their ids are needed by its transactions. */
  async registerCustomers(): Promise<void> {
    const found = this.survey.customers();
    const progress = this.terminal.progress('Customers', found.size, 'customers');
    const known: string[] = [];
    let done = 0;
    const sender = new BatchSender<string>(this.client, '/customers/batch', (number, answer) => {
      progress.update(++done);
      if (answer.outcome !== 'rejected') this.#ids.set(number, answer.id);
      else if (answer.status === 409) known.push(number);
      this.customers.add(number, answer);
    });
    await finishing(progress, async () => {
      for (const [number, summary] of found) await sender.add(number, customerOf(this.#importId, number, summary));
      await sender.end();
      // Recorded before with other details: it keeps those, and its transactions are still its own.
      for (const number of known) await this.#lookUp(number);
    });
  }

  /** Records the ledger's transactions. Call after `registerCustomers`. */
  async recordTransactions(path: string): Promise<void> {
    const { lines } = this.survey.figures().file;
    const progress = this.terminal.progress('Transactions', lines, 'lines');
    let done = 0;
    const settle = (invoice: Invoice): void => progress.update((done += invoice.lines.length));
    const sender = new BatchSender<Invoice>(this.client, '/transactions/batch', (invoice, answer) => {
      settle(invoice);
      this.transactions.add(labelOf(invoice, answer), answer);
    });
    const invoices = new Invoices(this.survey);
    await finishing(progress, async () => {
      for await (const rows of readLedger(path)) {
        for (const row of rows) {
          const invoice = invoices.add(row);
          if (invoice) await this.#send(sender, invoice, settle);
        }
      }
      invoices.end();
      await sender.end();
    });
  }

  async #send(sender: BatchSender<Invoice>, invoice: Invoice, settle: (invoice: Invoice) => void): Promise<void> {
    const id = this.#ids.get(invoice.customer);
    if (invoice.customer === '' || id !== undefined) {
      await sender.add(invoice, transactionOf(this.#importId, invoice, id));
      return;
    }
    settle(invoice);
    this.transactions.reject(invoice.number, `its customer ${invoice.customer} could not be registered`);
  }

  async #lookUp(number: string): Promise<void> {
    const { items } = await this.client.get(`/customers?reference=${SYSTEM}:${number}`, customersPage);
    const [found] = items;
    if (found) this.#ids.set(number, found.id);
  }
}

/** A rejection within a row's part of the record leads back to the row. */
function labelOf({ number, lines }: Invoice, answer: BatchLineAnswer): string {
  if (answer.outcome !== 'rejected') return number;
  const [fault] = answer.errors ?? [];
  const [, index = 0] = /^\/lines\/(\d+)/.exec(fault?.pointer ?? '') ?? [];
  return `${number} (line ${String(lines[Number(index)]?.line)} of the file)`;
}

async function finishing(progress: Progress, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    progress.stop();
  }
}
