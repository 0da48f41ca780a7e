import { setTimeout as sleep } from 'node:timers/promises';

import { sourceCounts, type SourceCounts } from '@annals/contracts';

import type { AnnalsClient } from './client.js';
import type { Context } from './context.js';
import { CommandFailed } from './exit-codes.js';

/** What the records of one source add up to; what is absent there is 0. */
export type Counts = Pick<SourceCounts, 'customers' | 'communications' | 'transactions'>;

const POLL_MS = 250;
/** Read models that have not moved for so long are taken to have stopped. */
const STALL_MS = 60_000;

/** What one service holds of a source. */
export const countsOf = (client: AnnalsClient, service: string, system: string, forMs?: number): Promise<SourceCounts> =>
  client.get(`/services/${service}/sources/${encodeURIComponent(system)}/counts`, sourceCounts, forMs);

/** What the log holds of a source, as the services that record it say, and up to where it was read. */
export async function countsOfLog(client: AnnalsClient, system: string, services: readonly string[]): Promise<Counts & { readonly position: number }> {
  let all: Counts & { readonly position: number } = { position: 0 };
  for (const service of services) {
    const { position, ...counts } = await countsOf(client, service, system);
    all = { ...all, ...counts, position: Math.max(position, all.position) };
  }
  return all;
}

/**
 * What the read models hold of a source, as soon as they have come as far as a position of the log.
 *
 * @throws CommandFailed where they stop short of it
 */
export async function countsOfReadModels({ client, terminal, signal }: Context, system: string, position: number): Promise<Counts> {
  let counts = await countsOf(client, 'projections', system);
  const start = counts.position;
  const progress = terminal.progress('Read models', Math.max(position - start, 0), 'positions');
  let moved = performance.now();
  try {
    while (counts.position < position) {
      if (performance.now() - moved > STALL_MS) {
        throw new CommandFailed(`The read models have stopped at position ${counts.position} of ${position}: see annals status.`);
      }
      await sleep(POLL_MS, undefined, { signal });
      const before = counts.position;
      counts = await countsOf(client, 'projections', system);
      if (counts.position > before) moved = performance.now();
      progress.update(Math.min(counts.position, position) - start);
    }
    return counts;
  } finally {
    progress.stop();
  }
}
