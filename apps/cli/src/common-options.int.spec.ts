import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';

import { exitCodes } from './exit-codes.js';
import { programOf, runCommandLine } from './program.js';

const TOKEN = 'abc.def.ghi';
const REFUSAL = { type: 'about:blank', title: 'Unauthorized', status: 401, code: 'token-refused', detail: 'The token is refused.' };
const LEDGER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n536365,85123A,HEART,6,12/1/2010 8:26,2.55,17850,United Kingdom\r\n';

/** Refuses everything, and remembers what it was asked. */
let server: Server;
let url: string;
let folder: string;
let asked: { authorization: string | undefined; body: string }[];

/** Each command that asks Annals, with as little as it needs. */
const asking: Readonly<Record<string, () => string[]>> = {
  demo: () => [],
  'import customers': () => [join(folder, 'customers.csv'), '--source', 'crm'],
  'import communications': () => [join(folder, 'communications.ndjson'), '--source', 'crm'],
  'import transactions': () => [join(folder, 'transactions.ndjson'), '--source', 'crm'],
  'import retail': () => [join(folder, 'ledger.csv')],
  rebuild: () => [],
  'segments train': () => ['--k', '2', '--department', 'emea/uk'],
  'segments list': () => [],
  status: () => [],
};
/** Those that work on files and databases. */
const local = ['backup', 'backup verify', 'restore', 'token'];

/** Of a command that does something itself, and of those below it. */
const namesOf = (command: Command, before = ''): string[] => [
  ...(command.commands.length === 0 || command.registeredArguments.length > 0 ? [before.trim()] : []),
  ...command.commands.flatMap((each) => namesOf(each, `${before} ${each.name()}`)),
];

async function ran(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const code = await runCommandLine(args, { out, err });
  return { code, out: await text(out.end()), err: await text(err.end()) };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-options-'));
  await writeFile(join(folder, 'token'), `${TOKEN}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'customers.csv'), 'kind,name.full\r\nperson,Ann\r\n');
  await writeFile(join(folder, 'communications.ndjson'), `${JSON.stringify({ medium: 'note', direction: 'internal', purpose: 'service', startedAt: '2026-01-02T03:04:05Z', participants: [], parts: [] })}\n`);
  await writeFile(join(folder, 'transactions.ndjson'), `${JSON.stringify({ kind: 'order', parties: [], issuedOn: '2026-01-02', currency: 'GBP', lines: [], totalMinor: 0 })}\n`);
  await writeFile(join(folder, 'ledger.csv'), LEDGER);
  server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ authorization: request.headers.authorization, body });
      response.writeHead(401, { 'content-type': 'application/problem+json' }).end(JSON.stringify(REFUSAL));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
});

describe('the options of all commands', () => {
  it('are tried here with every command that there is', () => {
    const all = namesOf(programOf({ streams: { out: process.stdout, err: process.stderr }, exitCode: 0 }));
    expect([...Object.keys(asking), ...local].sort()).toEqual(all.sort());
  });

  it.each(Object.keys(asking).flatMap((name) => (['before', 'after'] as const).map((where) => [where, name] as const)))('stand %s the name of annals %s, and go where they belong', async (where, name) => {
    const common = ['--url', url, '--token-file', join(folder, 'token'), '--json'];
    const own = [...name.split(' '), ...(asking[name]?.() ?? [])];
    const { code, out, err } = await ran(...(where === 'before' ? [...common, ...own] : [...own, ...common]));
    expect([code, out, err]).toEqual([exitCodes.failed, '', expect.stringContaining('The token is refused. (token-refused)')]);
    expect(asked.length).toBeGreaterThan(0);
    for (const { authorization, body } of asked) {
      expect(authorization).toBe(`Bearer ${TOKEN}`);
      for (const option of ['tokenFile', 'url', 'json', join(folder, 'token')]) expect(body).not.toContain(option);
    }
  });

  it.each(Object.keys(asking))('are told in a sentence where they are wrong, by annals %s', async (name) => {
    const own = [...name.split(' '), ...(asking[name]?.() ?? [])];
    expect(await ran(...own, '--url', 'nowhere')).toEqual({ code: exitCodes.usage, out: '', err: 'nowhere is not an address like http://127.0.0.1:4000.\n' });
    const missing = join(folder, 'missing');
    expect(await ran(...own, '--url', url, '--token-file', missing)).toEqual({ code: exitCodes.usage, out: '', err: `The token file ${missing} cannot be read.\n` });
    expect(asked).toEqual([]);
  });

  it.each(local)('are not taken by annals %s, which asks nobody', async (name) => {
    for (const common of [['--url', url], ['--token-file', join(folder, 'token')]]) {
      for (const args of [[...common, ...name.split(' ')], [...name.split(' '), ...common]]) {
        const { code, out, err } = await ran(...args);
        expect([code, out, err]).toEqual([exitCodes.usage, '', expect.stringMatching(/^error: /)]);
      }
    }
    expect(asked).toEqual([]);
  });
});
