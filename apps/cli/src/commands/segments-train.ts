import { setTimeout as sleep } from 'node:timers/promises';

import { commandAnswer, department, segmentsView, type SegmentsView } from '@annals/contracts';
import { InvalidArgumentError, type Command } from 'commander';

import { inContext, withCommonOptions, type CommonOptions, type Context, type Run } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { segmentsText } from './segments-list.js';

const POLL_MS = 250;
/** Nobody came into a segment for so long: whoever is missing is not coming. */
const STALL_MS = 5_000;

interface Options extends CommonOptions {
  readonly k?: number;
  readonly seed?: number;
  readonly starts?: number;
  readonly department?: string;
}

function path(text: string): string {
  if (!department().safeParse(text).success) throw new InvalidArgumentError('A department is a path like emea/uk/support.');
  return text;
}

function whole(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}

/** The segments when every customer is in one, or as they are when no more customers come in. */
async function withEverybody({ client, terminal, signal }: Context): Promise<SegmentsView> {
  let view = await client.get('/segments', segmentsView);
  const progress = terminal.progress('Memberships', view.trainedOn, 'customers');
  let moved = { members: -1, at: performance.now() };
  for (;;) {
    const members = view.segments.reduce((sum, segment) => sum + (segment.members ?? 0), 0);
    if (members !== moved.members) moved = { members, at: performance.now() };
    progress.update(Math.min(members, view.trainedOn));
    const isUncounted = view.segments.some((segment) => segment.members === null);
    if (isUncounted || members >= view.trainedOn || performance.now() - moved.at > STALL_MS) break;
    await sleep(POLL_MS, undefined, { signal });
    view = await client.get('/segments', segmentsView);
  }
  progress.stop();
  return view;
}

/** `annals segments train` */
export function segmentsTrain(segments: Command, run: Run): void {
  const command = segments
    .command('train')
    .description('find segments among the customers as they are now; segments that are found again keep their ids')
    .option('--k <number>', 'how many segments', whole)
    .option('--seed <number>', 'what chance starts from: the same seed and customers give the same segments', whole)
    .option('--starts <number>', 'how many attempts, of which the best is kept', whole)
    .option('--department <path>', 'for which department it is recorded, where the token is not of one alone; customers of all are segmented', path);
  withCommonOptions(command).action(async (options: Options) => {
    const { k, seed, starts, department: named } = options;
    const onInterrupt = 'Interrupted. Customers go on being put into the segments: see annals segments list.';
    await inContext(run, options, { onInterrupt }, async (context) => {
      await context.client.post('/segments/training', { k, seed, starts, ...(named !== undefined && { meta: { department: named } }) }, commandAnswer);
      const view = await withEverybody(context);
      context.terminal.result(view, segmentsText(view));
      return exitCodes.done;
    });
  });
}
