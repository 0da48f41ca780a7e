import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';

import { recordTransaction, registerCustomer } from '@annals/contracts';
import { itWhere, retailLedger } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Invoices } from './invoices.js';
import { readLedger } from './ledger-file.js';
import { COLUMNS } from './ledger-row.js';
import { customerOf, transactionOf, type Invoice } from './records.js';
import { Survey } from './survey.js';

const importId = '0191f3a0-0000-7000-8000-000000000001';
const customerId = '6f1c2f1e-5f2b-4a5e-9c6e-0a4b7c1d2e3f';
const header = `${COLUMNS.join(',')}\n`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-ledger-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function surveyOf(path: string): Promise<Survey> {
  const survey = new Survey();
  for await (const rows of readLedger(path)) for (const row of rows) survey.add(row);
  return survey;
}

async function eachInvoice(path: string, survey: Survey, visit: (invoice: Invoice, index: number) => void): Promise<number> {
  const invoices = new Invoices(survey);
  let count = 0;
  for await (const rows of readLedger(path)) {
    for (const row of rows) {
      const invoice = invoices.add(row);
      if (invoice) visit(invoice, count++);
    }
  }
  invoices.end();
  return count;
}

async function written(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const row = (invoice: string, rest = ',x,1,2011-01-01 00:00:00,1.00,7.0,EIRE'): string => `${invoice},s${rest}\n`;

describe('a ledger file', () => {
  it('is read the same, plain or gzipped, whatever it is called', async () => {
    const text = `\ufeff${header}${row('1')}${row('2')}`;
    const plain = await surveyOf(await written('plain.gz', text));
    expect(plain.figures().file.lines).toBe(2);
    expect((await surveyOf(await written('zipped', gzipSync(text)))).figures()).toEqual(plain.figures());
  });

  it.each([
    ['empty', '', 'it is empty'],
    ['headless', row('1'), 'its first row is not InvoiceNo,'],
    ['foreign', '\u0000\u0001\u0002\n', 'its first row is not InvoiceNo,'],
  ])('is refused where it is %s', async (name, content, message) => {
    await expect(surveyOf(await written(name, content))).rejects.toThrow(message);
  });

  it('is refused where the gzip stops in the middle', async () => {
    const whole = gzipSync(header + row('1').repeat(10_000));
    await expect(surveyOf(await written('cut', whole.subarray(0, 60)))).rejects.toMatchObject({ code: 'Z_BUF_ERROR' });
  });

  it('is refused where it changes between the two readings', async () => {
    const survey = await surveyOf(await written('changing', header + row('1') + row('2')));
    const less = await written('changing', header + row('1'));
    await expect(eachInvoice(less, survey, () => undefined)).rejects.toThrow('it changed while it was read');
    const other = await written('changing', header + row('1') + row('3'));
    await expect(eachInvoice(other, survey, () => undefined)).rejects.toThrow('it changed while it was read');
  });

  it('puts together an invoice whose rows stand apart', async () => {
    const path = await written('apart', header + row('1') + row('2') + row('1') + row('3') + row('1'));
    const found: [string, number][] = [];
    await eachInvoice(path, await surveyOf(path), ({ number, lines }) => found.push([number, lines.length]));
    expect(found).toEqual([['2', 1], ['3', 1], ['1', 3]]);
  });

  it('of very many lines loses the one invoice of a bad row in the middle', async () => {
    const path = join(folder, 'long.csv.gz');
    const chunks = function* (): Generator<string> {
      yield header;
      for (let chunk = 0; chunk < 200; chunk++) {
        const rows = Array.from({ length: 1_000 }, (_, index) => row(String(100_000 + chunk * 50 + Math.floor(index / 20))));
        if (chunk === 100) rows[500] = row('105025', ',"open,1,2011-01-01 00:00:00,1.00,7.0,EIRE');
        yield rows.join('');
      }
    };
    await pipeline(Readable.from(chunks()), createGzip({ level: 1 }), createWriteStream(path));
    const survey = await surveyOf(path);
    expect(survey.refusals()).toEqual([{ line: 100_502, invoice: '105025', reason: 'a quote is not closed' }]);
    expect(await eachInvoice(path, survey, () => undefined)).toBe(9_999);
  }, 120_000);
});

describe('the ledger of the online shop', () => {
  const path = retailLedger() ?? '';

  itWhere(path !== '', 'the Online Retail ledger (ANNALS_RETAIL_CSV)')(
    'has the figures that its description gives, and only records that the contracts take',
    async () => {
      const survey = await surveyOf(path);
      expect(survey.refusals()).toEqual([]);
      expect(survey.figures().file).toEqual({
        lines: 541_909,
        transactions: 25_900,
        byKind: { invoice: 22_061, 'credit-note': 3_836, adjustment: 3 },
        customers: 4_372,
        totalMinor: 974_774_793n,
      });
      const customers = survey.customers();
      for (const [id, summary] of customers) registerCustomer.parse(customerOf(importId, id, summary));
      let lines = 0;
      let total = 0;
      let alone = 0;
      const count = await eachInvoice(path, survey, (invoice, index) => {
        const command = transactionOf(importId, invoice, invoice.customer === '' ? undefined : customerId);
        if (index % 20 === 0) recordTransaction.parse(JSON.parse(JSON.stringify(command)));
        lines += command.lines.length;
        total += command.lines.reduce((sum, line) => sum + line.amountMinor, 0);
        if (invoice.customer === '') alone++;
        else expect(customers.has(invoice.customer)).toBe(true);
      });
      expect({ count, lines, total, alone }).toEqual({ count: 25_900, lines: 541_909, total: 974_774_793, alone: 3_710 });
    },
    120_000,
  );
});
