import { randomUUID } from 'node:crypto';
import { binaryEvent, ErrorType } from '@eventstore/db-client';
import { UnreadableLog } from '../errors.js';
import type { Attempt } from './connection.js';
import { streamRequest } from './requests.js';
import { recordsOf } from './records.js';
import { commandErrorOf, within } from './trouble.js';

/** No category has a stream of this name. */
const STREAM = 'annals';
const FORMAT = 1;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id of the log, made where there is none: of several who make it at once, the first one's. */
export async function ensureLogId(attempt: Attempt): Promise<string> {
  const known = await readLogId(attempt);
  if (known !== undefined) return known;
  const event = binaryEvent({ type: 'LogCreated', data: Buffer.from(JSON.stringify({ format: FORMAT, logId: randomUUID() })) });
  try {
    await within(attempt.answerMs, attempt.client.appendToStream(STREAM, event, { expectedRevision: 'no_stream', requiresLeader: true }));
  } catch (error) {
    if (commandErrorOf(error)?.type !== ErrorType.WRONG_EXPECTED_VERSION) throw error;
  }
  const made = await readLogId(attempt);
  if (made === undefined) throw new UnreadableLog(`stream ${STREAM} does not keep the log's id`);
  return made;
}

/** The id of the log; undefined where there is none. @throws UnreadableLog */
export async function readLogId(attempt: Attempt): Promise<string | undefined> {
  for await (const record of recordsOf(attempt, streamRequest(STREAM, { backwards: false, from: 0, count: 1 }))) {
    return logIdIn(Buffer.from(record.getData_asU8()).toString('utf8'));
  }
  return undefined;
}

function logIdIn(text: string): string {
  const { format, logId } = parsed(text);
  if (format !== FORMAT) throw new UnreadableLog(`the log is of format ${String(format)}, this version reads format ${FORMAT}`);
  if (typeof logId !== 'string' || !UUID.test(logId)) throw new UnreadableLog(`stream ${STREAM} holds no log id`);
  return logId;
}

function parsed(text: string): { readonly format?: unknown; readonly logId?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    throw new UnreadableLog(`the first event of stream ${STREAM} is not the log's`);
  }
}
