import { setTimeout as sleep } from 'node:timers/promises';

import { page, readModelDigest, readModelStatus, type ReadModelStatus } from '@annals/contracts';
import type { Command } from 'commander';
import { z } from 'zod';

import type { AnnalsClient } from '../client.js';
import { inContext, withCommonOptions, type CommonOptions, type Context, type Run } from '../context.js';
import { CommandFailed, exitCodes } from '../exit-codes.js';

const POLL_MS = 300;
/** A build that has not moved for so long is taken to have stopped. */
const STALL_MS = 60_000;

const statusPage = page(readModelStatus);
/** The services that keep read models. */
const SERVICES = ['projections', 'analytics', 'communications'];

/** A read model, and where it is asked about. */
interface Known {
  readonly name: string;
  readonly at: string;
}

/** What became of one read model. */
interface Rebuilt {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly digest: string;
  /** Whether both generations hold the same; undefined where events came in between. */
  readonly isSame: boolean | undefined;
}

/** `annals rebuild [name...]` */
export function rebuild(program: Command, run: Run): void {
  const command = program
    .command('rebuild')
    .argument('[names...]', 'read models; all of them by default')
    .description('compute read models again from the log, beside the live ones, and compare what comes out');
  withCommonOptions(command).action(async (names: string[], options: CommonOptions) => {
    const onInterrupt = 'Interrupted. The build goes on by itself: see annals status.';
    await inContext(run, options, { onInterrupt }, (context) => rebuildAll(context, names));
  });
}

async function rebuildAll(context: Context, names: readonly string[]): Promise<number> {
  const { client, terminal } = context;
  const known = await readModels(client);
  const unknown = names.filter((name) => !known.some((each) => each.name === name));
  if (unknown.length > 0) {
    throw new CommandFailed(`There is no read model ${unknown.join(', ')}; there are ${known.map(({ name }) => name).join(', ')}.`, exitCodes.usage);
  }
  const rebuilt: Rebuilt[] = [];
  for (const one of known) if (names.length === 0 || names.includes(one.name)) rebuilt.push(await rebuildOne(context, one));
  terminal.result(rebuilt, rebuilt.map(textOf).join('\n'));
  return rebuilt.some(({ isSame }) => isSame === false) ? exitCodes.failed : exitCodes.done;
}

async function readModels(client: AnnalsClient): Promise<Known[]> {
  const all = await Promise.all(
    SERVICES.map(async (service) => {
      const at = `/services/${service}/read-models`;
      return (await statusOf(client, at)).filter(({ state }) => state === 'live').map(({ name }) => ({ name, at }));
    }),
  );
  return all.flat();
}

async function rebuildOne({ client, terminal, signal }: Context, known: Known): Promise<Rebuilt> {
  const { name, at } = known;
  const digestBefore = await client.get(`${at}/${name}/digest`, readModelDigest);
  const before = await liveOf(client, known);
  await client.post(`${at}/${name}/rebuild`, {}, z.unknown());
  const progress = terminal.progress(name, before.position + before.lag, 'positions');
  try {
    const live = await swapped(client, { at, before }, (position) => progress.update(position), signal);
    const { digest } = await client.get(`${at}/${name}/digest`, readModelDigest);
    // What stood still, on a log that was restored, held something else for a reason.
    const isComparable = before.trouble === null && before.lag === 0 && live.position === before.position;
    return { name, before: before.generation, after: live.generation, digest, isSame: isComparable ? digest === digestBefore.digest : undefined };
  } finally {
    progress.stop();
  }
}

/** The new generation, as soon as it is live. @throws CommandFailed where its build has stopped */
async function swapped(client: AnnalsClient, { at, before }: { at: string; before: ReadModelStatus }, onMoved: (position: number) => void, signal: AbortSignal): Promise<ReadModelStatus> {
  let moved = { position: -1, since: performance.now() };
  for (;;) {
    const all = (await statusOf(client, at)).filter(({ name }) => name === before.name);
    const building = all.find(({ state }) => state === 'building');
    const live = all.find(({ state, generation }) => state === 'live' && generation !== before.generation);
    if (building === undefined && live !== undefined) return live;
    const position = building?.position ?? 0;
    if (position !== moved.position) moved = { position, since: performance.now() };
    if (performance.now() - moved.since > STALL_MS) throw new CommandFailed(`The build of ${before.name} has stopped at position ${position}: see annals status.`);
    onMoved(position);
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function statusOf(client: AnnalsClient, at: string): Promise<readonly ReadModelStatus[]> {
  const { items } = await client.get(at, statusPage);
  return items;
}

async function liveOf(client: AnnalsClient, { name, at }: Known): Promise<ReadModelStatus> {
  const found = (await statusOf(client, at)).find((each) => each.name === name && each.state === 'live');
  if (found === undefined) throw new CommandFailed(`The read model ${name} is being built for the first time: see annals status.`);
  return found;
}

function textOf({ name, before, after, digest, isSame }: Rebuilt): string {
  const verdict = { true: 'holds the same as before', false: 'DIFFERS from before', undefined: 'events came meanwhile, or it stood still, so it is not compared' }[String(isSame)];
  return `${name}: generation ${before} -> ${after}, digest ${digest.slice(0, 16)}: ${verdict ?? ''}`;
}
