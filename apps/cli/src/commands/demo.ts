import { systemStatus } from '@annals/contracts';
import type { Command } from 'commander';

import { countsOfLog } from '../catch-up.js';
import type { AnnalsClient } from '../client.js';
import { inContext, withCommonOptions, type CommonOptions, type Context, type Run } from '../context.js';
import { SYSTEM } from '../demo/commands.js';
import { seed, type Made } from '../demo/seed.js';
import { CommandFailed, exitCodes } from '../exit-codes.js';

const FIRST_ANSWER_MS = 5_000;

const description = [
  'Fills an empty log with made-up customers, what they said and bought, and segments: the same every time, in several departments.',
  'A log that holds anything is refused and stays as it is.',
  'Where callers need a token, it is one of an admin of all departments.',
].join(' ');

interface Options extends CommonOptions {
  readonly resume?: true;
}

/** `annals demo` */
export function demo(program: Command, run: Run): void {
  const command = program
    .command('demo')
    .description(description)
    .option('--resume', 'goes on where a seeding was interrupted: what it recorded already stays as it is');
  withCommonOptions(command).action(async (options: Options) => {
    const onInterrupt = 'Interrupted. Nothing is lost: annals demo --resume goes on from here.';
    await inContext(run, options, { onInterrupt, isPatient: true }, (context) => demonstrated(context, options.resume === true));
  });
}

async function demonstrated({ client, terminal, ...rest }: Context, isResumed: boolean): Promise<number> {
  const before = await recordedBefore(client, isResumed);
  const made = await seed({ client, terminal, ...rest });
  // A command that is repeated is answered as it was at first, so the answers do not tell what is new.
  const created = sumOf(made) - before;
  terminal.result({ ...made, created, unchanged: before }, textOf(made, created, before));
  return exitCodes.done;
}

const sumOf = ({ customers, communications, transactions }: Made): number => customers + communications + transactions;

/**
 * How many of the demonstration's records the log holds. Nothing leaves a log again, so made-up records do not go
 * beside anybody's own: what is gone on with is a log that holds some of them, or one of a system that is a
 * demonstration as a whole.
 *
 * @throws CommandFailed
 */
async function recordedBefore(client: AnnalsClient, isResumed: boolean): Promise<number> {
  // With little patience: an address where nothing listens is told from one that restarts.
  const { log, demo: isDemonstration } = await client.get('/status', systemStatus, FIRST_ANSWER_MS);
  if (log.position === 0) return 0;
  const holds = `The log is not empty: it goes to position ${log.position.toLocaleString('en-GB')}`;
  if (!isResumed) throw new CommandFailed(`${holds}. The demonstration is for an empty one; --resume goes on with one that was interrupted.`);
  const recorded = await recordedIn(client);
  if (recorded === 0 && !isDemonstration) throw new CommandFailed(`${holds}, and holds nothing of a demonstration that could be gone on with.`);
  return recorded;
}

async function recordedIn(client: AnnalsClient): Promise<number> {
  const { customers = 0, communications = 0, transactions } = await countsOfLog(client, SYSTEM, ['customers', 'communications', 'transactions']);
  return sumOf({ customers, communications, transactions: transactions?.count ?? 0 });
}

function textOf({ customers, communications, transactions }: Made, created: number, before: number): string {
  const shown = (count: number): string => count.toLocaleString('en-GB');
  return [
    `The demonstration holds ${shown(customers)} customers, ${shown(communications)} communications and ${shown(transactions)} transactions.`,
    `${shown(created)} created, ${shown(before)} were there already.${created === 0 ? ' Nothing was created.' : ''}`,
  ].join('\n');
}
