import { setTimeout as sleep } from 'node:timers/promises';

import { LocalError, messageOf } from '../errors.js';
import { dealingsOf, registerOf } from './commands.js';
import { personOf } from './people.js';

const CUSTOMERS = 200;
const LINES_OF_A_BATCH = 400;
const SEGMENTS = 4;
const CATCH_UP_MS = 120_000;
const POLL_MS = 200;

/** Where the demonstration goes, and who hears how it comes along. */
export interface Seeding {
  /** Of the gateway: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where callers need one. */
  readonly token?: string | undefined;
  readonly report: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes customers, what they said and bought, and a trained segmentation: the same every time, through the public API.
 * It may be repeated: what is there already stays as it is, so an interrupted seeding goes on where it ended.
 *
 * @throws LocalError
 */
export async function seedDemo(seeding: Seeding): Promise<void> {
  seeding.report('making the demonstration: customers, what they said and bought, segments');
  const people = Array.from({ length: CUSTOMERS }, (_, index) => personOf(index + 1));
  const ids = await send(seeding, '/customers/batch', people.map(registerOf));
  const dealings = people.map((person, index) => dealingsOf(person, ids[index] ?? ''));
  const transactions = dealings.flatMap((each) => each.transactions);
  const communications = dealings.flatMap((each) => each.communications);
  await send(seeding, '/transactions/batch', transactions);
  await send(seeding, '/communications/batch', communications);
  await caughtUp(seeding);
  await request(seeding, '/segments/training', { key: 'demo:training', k: SEGMENTS, seed: 1 });
  seeding.report(`the demonstration holds ${people.length} customers, ${communications.length} communications and ${transactions.length} transactions`);
}

/** Sends commands in batches and answers the ids of their records, in order. */
async function send(seeding: Seeding, path: string, commands: readonly object[]): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < commands.length; at += LINES_OF_A_BATCH) {
    const lines = commands.slice(at, at + LINES_OF_A_BATCH).map((command) => `${JSON.stringify(command)}\n`);
    const text = await request(seeding, path, lines.join(''));
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const answer: { outcome: string; id: string; detail?: string } = JSON.parse(line);
      if (answer.outcome === 'rejected') throw new LocalError(`The demonstration cannot be made: ${path} says ${answer.detail ?? line}`);
      ids.push(answer.id);
    }
  }
  return ids;
}

const authorization = ({ token }: Seeding): Record<string, string> => (token === undefined ? {} : { authorization: `Bearer ${token}` });

async function request(seeding: Seeding, path: string, body: string | object): Promise<string> {
  const { url, signal } = seeding;
  const sent = typeof body === 'string' ? { body, type: 'application/x-ndjson' } : { body: JSON.stringify(body), type: 'application/json' };
  try {
    const response = await fetch(url + path, { method: 'POST', headers: { 'content-type': sent.type, ...authorization(seeding) }, body: sent.body, ...(signal && { signal }) });
    const text = await response.text();
    if (!response.ok) throw new LocalError(`The demonstration cannot be made: ${path} answers ${response.status} ${text.slice(0, 500)}`);
    return text;
  } catch (error) {
    if (error instanceof LocalError || signal?.aborted) throw error;
    throw new LocalError(`The demonstration cannot be made: ${path} does not answer (${messageOf(error)}).`);
  }
}

/** Training sees what analytics has read, so it has to have read everything. */
async function caughtUp(seeding: Seeding): Promise<void> {
  const { url, signal } = seeding;
  const deadline = performance.now() + CATCH_UP_MS;
  for (;;) {
    const response = await fetch(`${url}/services/analytics/read-models`, { headers: authorization(seeding), ...(signal && { signal }) });
    const { items }: { items: readonly { lag: number }[] } = JSON.parse(await response.text());
    if (items.every(({ lag }) => lag === 0)) return;
    if (performance.now() > deadline) throw new LocalError('The demonstration cannot be made: analytics does not catch up with the log.');
    await sleep(POLL_MS, undefined, { ...(signal && { signal }) });
  }
}
