import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isLogEmpty } from './databases.js';
import { writeDurably } from './key-files.js';
import type { System } from './system.js';

/**
 * Fills a demonstration's empty log, once.
 *
 * A seeding that was interrupted is run again at the next start, so it must be one that may be repeated: every
 * request with an Idempotency-Key of its own. A log that somebody else began is left alone.
 *
 * @param system - a running system; nothing is done unless it is a demonstration
 * @param seed - writes the data through the front door
 * @returns whether the data was written now
 */
export async function seedOnce(system: System, seed: (system: System) => Promise<void>): Promise<boolean> {
  const begun = join(system.dataDir, 'demo-seeding');
  const done = join(system.dataDir, 'demo-seeded');
  if (!system.demo || existsSync(done)) return false;
  if (!existsSync(begun) && !(await isLogEmpty(system.databases))) return false;
  await writeDurably(begun, '');
  await seed(system);
  await writeDurably(done, '');
  return true;
}
