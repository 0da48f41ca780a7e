import { Readable } from 'node:stream';
import { idOf, type BatchLineAnswer } from '@annals/contracts';
import type { Identities } from '@annals/sealing';
import { StreamableFile, UnsupportedMediaTypeException } from '@nestjs/common';
import type { z } from 'zod';
import { parseJson } from './bodies.js';
import type { Call } from './call.js';
import { Command, type CommandBody } from './command.js';
import { parseContract } from './contract.js';
import type { Handled } from './handle.js';
import { inOrder } from './in-order.js';
import { Ndjson, type Line } from './ndjson.js';
import { problemOf, Unavailable } from './problem.js';

const IN_FLIGHT = 256;
const CHUNK = 16_384;

/** A batch of commands of one kind. */
export interface Batch<Body extends CommandBody> {
  readonly identities: Identities;
  readonly call: Call;
  /** The contract of each line. */
  readonly schema: z.ZodType<Body>;
  /** Handles one line's command. */
  readonly handle: (command: Command<Body>) => Promise<Handled>;
}

/**
 * Handles each line of an NDJSON body as a command of its own, 256 at a time, and answers a line for each in
 * their order. A line's key is its own `key`, else the request's with the line's number.
 *
 * @throws UnsupportedMediaTypeException unless the body is NDJSON
 */
export function answerBatch<Body extends CommandBody>(batch: Batch<Body>): StreamableFile {
  const { sent, reply } = batch.call;
  if (!(sent instanceof Ndjson)) throw new UnsupportedMediaTypeException('A batch is application/x-ndjson.');
  void reply.status(200);
  return new StreamableFile(Readable.from(answerLines(batch, sent.lines), { objectMode: false }), { type: 'application/x-ndjson' });
}

async function* answerLines<Body extends CommandBody>(batch: Batch<Body>, lines: readonly Line[]): AsyncGenerator<string> {
  const outage = new Outage();
  let chunk = '';
  for await (const answered of inOrder(lines, IN_FLIGHT, async (line) => await answerLine(batch, line, outage))) {
    chunk += `${JSON.stringify(answered)}\n`;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** Remembers that a dependency failed, so that the rest of a batch does not wait for it line by line. */
class Outage {
  #met: unknown;

  check(): void {
    if (this.#met !== undefined) throw new Unavailable('not-tried', 'An earlier line met an outage, so this one was not tried; send it again.');
  }

  note(error: unknown): void {
    if (!(error instanceof Unavailable) && problemOf(error).status === 503) this.#met = error;
  }
}

async function answerLine<Body extends CommandBody>(batch: Batch<Body>, { number, bytes }: Line, outage: Outage): Promise<BatchLineAnswer> {
  try {
    outage.check();
    const sent = parseJson(bytes);
    const body = parseContract(batch.schema, sent);
    // If-Match names the revision of one record, and means nothing for many.
    const call = { ...batch.call, ifMatch: undefined };
    const command = new Command(batch.identities, call, body, { sent, key: body.key ?? `${call.key}:${number}` });
    const { outcome, stream, revision } = await batch.handle(command);
    return { line: number, outcome, id: idOf(stream), stream, revision };
  } catch (error) {
    outage.note(error);
    const { status, code, detail, errors } = problemOf(error);
    if (status === 500) batch.call.reply.log.error({ err: error, line: number }, 'a line of a batch failed');
    return { line: number, outcome: 'rejected', status, code, detail, ...(errors !== undefined && { errors }) };
  }
}
