import { setTimeout as sleep } from 'node:timers/promises';

import { commandAnswer, page, readModelStatus, type BatchLineAnswer } from '@annals/contracts';

import { BatchSender } from '../batch-sender.js';
import type { Context } from '../context.js';
import { CommandFailed } from '../exit-codes.js';
import { Tally } from '../tally.js';
import { dealingsOf, registerOf } from './commands.js';
import { personOf } from './people.js';

const CUSTOMERS = 200;
const SEGMENTS = 4;
const POLL_MS = 200;
/** Read models that have not come nearer for so long are taken to have stopped. */
const STALL_MS = 60_000;

const statusPage = page(readModelStatus);

/** What the demonstration holds. */
export interface Made {
  readonly customers: number;
  readonly communications: number;
  readonly transactions: number;
}

/** Commands of one kind, and where they go. */
interface Sending {
  readonly label: string;
  readonly noun: string;
  readonly path: string;
  readonly commands: readonly { readonly key?: string | undefined }[];
}

/**
 * Makes customers, what they said and bought, and a trained segmentation: the same every time, through the public API.
 * It may be repeated: what is there already stays as it is, so an interrupted seeding goes on where it ended.
 *
 * @throws CommandFailed
 */
export async function seed(context: Context): Promise<Made> {
  context.terminal.note('Making the demonstration: customers, what they said and bought, segments');
  const people = Array.from({ length: CUSTOMERS }, (_, index) => personOf(index + 1));
  const ids = await send(context, { label: 'Customers', noun: 'customer', path: '/customers/batch', commands: people.map(registerOf) });
  const dealings = people.map((person, index) => dealingsOf(person, ids[index] ?? ''));
  const transactions = dealings.flatMap((each) => each.transactions);
  const communications = dealings.flatMap((each) => each.communications);
  await send(context, { label: 'Transactions', noun: 'transaction', path: '/transactions/batch', commands: transactions });
  await send(context, { label: 'Communications', noun: 'communication', path: '/communications/batch', commands: communications });
  await caughtUp(context);
  // Who may write in all departments has to say in which one; segments are of none.
  await context.client.post('/segments/training', { key: 'demo:training', meta: { department: 'default' }, k: SEGMENTS, seed: 1 }, commandAnswer);
  return { customers: people.length, communications: communications.length, transactions: transactions.length };
}

/** Sends commands and returns the ids of their records, in order. */
async function send({ client, terminal }: Context, { label, noun, path, commands }: Sending): Promise<string[]> {
  const tally = new Tally(noun);
  const ids: string[] = [];
  let done = 0;
  const progress = terminal.progress(label, commands.length, label.toLowerCase());
  const sender = new BatchSender<number>(client, path, (index, answer: BatchLineAnswer) => {
    tally.add(commands[index]?.key ?? String(index), answer);
    if (answer.outcome !== 'rejected') ids[index] = answer.id;
    progress.update(++done);
  });
  try {
    for (const [index, command] of commands.entries()) await sender.add(index, command);
    await sender.end();
  } finally {
    progress.stop();
  }
  if (tally.rejected > 0) throw new CommandFailed(`The demonstration cannot be made: ${tally.rejected.toLocaleString('en-GB')} of its ${label.toLowerCase()} are rejected.\n${tally.sentences.join('\n')}`);
  return ids;
}

/** Training sees what analytics has read, so it has to have read everything. */
async function caughtUp({ client, terminal, signal }: Context): Promise<void> {
  const behind = async (): Promise<number> => {
    const { items } = await client.get('/services/analytics/read-models', statusPage);
    return Math.max(0, ...items.map(({ lag }) => lag));
  };
  let left = await behind();
  const all = left;
  const progress = terminal.progress('Analytics', all, 'positions');
  let moved = performance.now();
  try {
    while (left > 0) {
      if (performance.now() - moved > STALL_MS) throw new CommandFailed(`The read models of analytics have stopped ${left} positions before the end of the log: see annals status.`);
      await sleep(POLL_MS, undefined, { signal });
      const before = left;
      left = await behind();
      if (left < before) moved = performance.now();
      progress.update(Math.max(all - left, 0));
    }
  } finally {
    progress.stop();
  }
}
