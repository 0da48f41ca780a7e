import { setTimeout as sleep } from 'node:timers/promises';

import { sourceCounts, type SourceCounts } from '@annals/contracts';

import type { AnnalsClient } from '../client.js';
import { CommandFailed } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';
import { SYSTEM } from './records.js';
import type { Counts } from './reconcile.js';

const POLL_MS = 250;
/** Read models that have not moved for so long are taken to have stopped. */
const STALL_MS = 60_000;

const countsOf = (client: AnnalsClient, service: string): Promise<SourceCounts> =>
  client.get(`/services/${service}/sources/${SYSTEM}/counts`, sourceCounts);

/** What the log holds of the ledger, and up to where it was read. */
export async function countsOfLog(client: AnnalsClient): Promise<Counts & { readonly position: number }> {
  const customers = await countsOf(client, 'customers');
  const transactions = await countsOf(client, 'transactions');
  return {
    customers: customers.customers,
    transactions: transactions.transactions,
    position: Math.max(customers.position, transactions.position),
  };
}

/**
 * What the read models hold of the ledger, as soon as they have come as far as a position of the log.
 *
 * @throws CommandFailed where they stop short of it
 */
export async function countsOfReadModels(client: AnnalsClient, position: number, terminal: Terminal, signal: AbortSignal): Promise<Counts> {
  let counts = await countsOf(client, 'projections');
  const start = counts.position;
  const progress = terminal.progress('Read models', Math.max(position - start, 0), 'events');
  let moved = performance.now();
  try {
    while (counts.position < position) {
      if (performance.now() - moved > STALL_MS) {
        throw new CommandFailed(`The read models have stopped at position ${counts.position} of ${position}: see annals status.`);
      }
      await sleep(POLL_MS, undefined, { signal });
      const before = counts.position;
      counts = await countsOf(client, 'projections');
      if (counts.position > before) moved = performance.now();
      progress.update(Math.min(counts.position, position) - start);
    }
    return counts;
  } finally {
    progress.stop();
  }
}
