import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';

import { AnnalsClient } from './client.js';
import { exitCodes } from './exit-codes.js';

const id = '6f1c2f1e-5f2b-4a5e-9c6e-0a4b7c1d2e3f';
const created = (line: number) => ({ line, outcome: 'created', id, stream: `customer-${id}`, revision: 0 });
const down = (line: number) => ({ line, outcome: 'rejected', status: 503, code: 'not-tried', detail: 'An earlier line met an outage.' });
const wrong = (line: number) => ({ line, outcome: 'rejected', status: 400, code: 'contract-broken', detail: 'No.' });

type Answer = (lines: string[], response: ServerResponse) => void;

const ndjson = (answers: readonly object[]) => answers.map((answer) => `${JSON.stringify(answer)}\n`).join('');

const open: { server?: Server; client?: AnnalsClient } = {};
const received: string[][] = [];

/** A server that gives its answers one after another, the last one for ever. */
async function serving(...answers: Answer[]): Promise<AnnalsClient> {
  received.length = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const lines = body.split('\n').filter((line) => line !== '');
      const answer = answers[Math.min(received.length, answers.length - 1)];
      received.push(lines);
      answer?.(lines, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  open.server = server;
  open.client = new AnnalsClient(`http://127.0.0.1:${port}`, { forMs: 20_000, signal: new AbortController().signal });
  return open.client;
}

afterEach(async () => {
  await open.client?.close();
  open.server?.closeAllConnections();
  open.server?.close();
});

describe('the client', () => {
  it('sends a whole batch again when the connection breaks in the middle of the answer', async () => {
    const client = await serving(
      (_, response) => {
        response.write(ndjson([created(1)]), () => response.destroy());
      },
      (lines, response) => response.end(ndjson(lines.map((_, index) => created(index + 1)))),
    );
    expect(await client.batch('/customers/batch', ['{"key":"a"}', '{"key":"b"}'])).toHaveLength(2);
    expect(received).toEqual([
      ['{"key":"a"}', '{"key":"b"}'],
      ['{"key":"a"}', '{"key":"b"}'],
    ]);
  });

  it('sends only those lines again that an outage kept from being handled, and puts the answers in order', async () => {
    const client = await serving(
      (_, response) => response.end(ndjson([created(1), down(2), wrong(3), down(4)])),
      (_, response) => response.end(ndjson([created(1), created(2)])),
    );
    const answers = await client.batch('/customers/batch', ['"a"', '"b"', '"c"', '"d"']);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'rejected', 'created']);
    expect(received).toEqual([
      ['"a"', '"b"', '"c"', '"d"'],
      ['"b"', '"d"'],
    ]);
  });

  it('takes an answer with fewer lines than were sent for one that was cut short', async () => {
    const client = await serving(
      (_, response) => response.end(ndjson([created(1)])),
      (lines, response) => response.end(ndjson(lines.map((_, index) => created(index + 1)))),
    );
    expect(await client.batch('/customers/batch', ['"a"', '"b"'])).toHaveLength(2);
    expect(received).toHaveLength(2);
  });

  it('tries again after 503 and says no at once after 400', async () => {
    const problem = (status: number) => JSON.stringify({ type: 'about:blank', title: 'x', status, code: 'x-y', detail: 'So it is.' });
    const client = await serving(
      (_, response) => response.writeHead(503, { 'retry-after': '0' }).end(problem(503)),
      (_, response) => response.end('{"a":1}'),
      (_, response) => response.writeHead(400).end(problem(400)),
    );
    expect(await client.get('/x', z.object({ a: z.number() }))).toEqual({ a: 1 });
    await expect(client.get('/x', z.object({}))).rejects.toThrow('/x: So it is. (x-y)');
    expect(received).toHaveLength(3);
  });

  it('says that nothing answers, with an exit code of its own, when its patience ends', async () => {
    const client = await serving((_, response) => response.destroy());
    await expect(client.get('/x', z.object({}), 0)).rejects.toMatchObject({ exitCode: exitCodes.unreachable });
  });

  it('refuses what is no address as misuse', () => {
    const misused = () => new AnnalsClient('nowhere', { forMs: 0, signal: new AbortController().signal });
    expect(misused).toThrow(expect.objectContaining({ exitCode: exitCodes.usage }));
  });
});
