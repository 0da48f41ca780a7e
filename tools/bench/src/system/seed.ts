import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import type { AnnalsEvent, Metadata } from '@annals/contracts';
import type { System } from '@annals/local';
import { openLog } from '@annals/service';

import { readModels, until } from './running.js';

const IN_FLIGHT = 2_000;
const SHOWN_EVERY = 50_000;
const WITHIN_MS = 3_600_000;

/** One record to put into the log. */
export interface Seed {
  readonly stream: string;
  readonly at: Date;
  readonly events: readonly AnnalsEvent[];
  /** `default` where none is said. */
  readonly department?: string;
}

function metadata({ at, department = 'default' }: Seed): Metadata {
  const instant = at.toISOString();
  return {
    format: 1,
    actor: { id: 'bench', kind: 'system', assurance: 'none' },
    department,
    occurredAt: instant,
    precision: 'instant',
    effectiveAt: instant,
    commandId: randomUUID(),
    fingerprint: '0'.repeat(64),
    correlationId: randomUUID(),
  };
}

/** Appends records past the services, which are not what is measured, and waits until the views show them. */
export async function seed(system: System, count: number, record: (n: number) => Seed): Promise<void> {
  const { log, dependencies } = await openLog({
    EVENT_STORE_URL: system.databases.eventStore,
    KEY_STORE_URL: system.databases.keyStore,
    MASTER_KEY_FILE: join(system.dataDir, 'master.key'),
    DEPLOYMENT_KEY_FILE: join(system.dataDir, 'deployment.key'),
  });
  for (let from = 0; from < count; from += IN_FLIGHT) {
    const numbers = Array.from({ length: Math.min(IN_FLIGHT, count - from) }, (_, index) => from + index);
    await Promise.all(
      numbers.map(async (n) => {
        const one = record(n);
        await log.append(one.stream, 'NoStream', one.events, metadata(one));
      }),
    );
    if ((from / IN_FLIGHT) % (SHOWN_EVERY / IN_FLIGHT) === 0) process.stderr.write(`  ${from + numbers.length} of ${count} records are in the log\n`);
  }
  for (const { close } of dependencies.toReversed()) await close();
  process.stderr.write('  waiting for the read models\n');
  await until(async () => (await readModels(system.url)).every(({ lag }) => lag === 0), WITHIN_MS);
}
