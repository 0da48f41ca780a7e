import { join } from 'node:path';

import { openForRestoring } from '@annals/local';
import type { Command } from 'commander';

import { directoryOf, placesOf, withKeyFiles, within, withPlaces, type PlaceOptions } from '../backup/places.js';
import { putBack, readSets, type PuttingBack, type Sets } from '../backup/put-back.js';
import { interruptibly, type Run } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { failureOf } from '../failure.js';
import { Terminal } from '../terminal.js';

const HELP = `
A data directory is made by this. Elsewhere log and key store must be empty, and no service may run on them. A restore
that was cut off is run again.

Examples:
  annals restore /backups/monday --data-dir /var/lib/annals-restored
  annals restore /backups/monday --keys-dir /safe/monday --data-dir /var/lib/annals-restored
  EVENT_STORE_URL=... KEY_STORE_URL=... DEPLOYMENT_KEY_FILE=... MASTER_KEY_FILE=... annals restore /backups/monday
  annals restore /backups/monday --expired --data-dir /var/lib/annals-restored`;

interface Options extends PlaceOptions {
  readonly keysDir?: string;
  readonly expired?: true;
  readonly json?: true;
}

/** `annals restore DIR` */
export function restore(program: Command, run: Run): void {
  const command = program
    .command('restore')
    .argument('<dir>', 'what annals backup wrote')
    .description('put a backup into a new data directory, or into a log and a key store that are empty, and prove it while doing so')
    .option('--keys-dir <dir>', 'the folder that holds keys/, where it is another')
    .option('--expired', 'take a backup whose time is over')
    .option('--json', 'print results as JSON')
    .addHelpText('after', HELP);
  withPlaces(command, { directory: 'a data directory that is made', role: 'that owns it' }).action(async (dir: string, options: Options) => {
    const terminal = new Terminal(run.streams, options.json === true);
    const from = { log: join(dir, 'log'), keys: join(options.keysDir ?? dir, 'keys'), evenExpired: options.expired === true, terminal };
    const directory = directoryOf(options, command);
    const restored = await interruptibly('Interrupted. Restore again: what is there of this backup is recognised.', async (signal) => {
      if (directory === undefined) return putBack({ ...from, into: placesOf(options, ALL_PLACES), signal });
      return intoDirectory(directory, options, { ...from, signal });
    }).catch((error: unknown) => {
      throw failureOf(error, 'Nothing was restored');
    });
    terminal.result(resultOf(restored), textOf(restored, directory));
    run.exitCode = exitCodes.done;
  });
}

const ALL_PLACES = ['eventStoreUrl', 'keyStoreUrl', 'deploymentKeyFile', 'masterKeyFile'] as const;

async function intoDirectory(dataDir: string, options: Options, from: Omit<PuttingBack, 'into'>): Promise<Sets> {
  // Before anything is made: whatever is amiss with the backup leaves no directory behind.
  const { log } = await readSets(from);
  const settings = log.settings ?? { demo: false, tokens: false, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  return await within(openForRestoring(dataDir, settings), async (directory) => {
    const sets = await putBack({ ...from, into: withKeyFiles(directory, options) });
    await directory.done();
    return sets;
  });
}

const resultOf = ({ log }: Sets): object => ({ backupId: log.backupId, logId: log.logId, events: log.position, takenAt: log.takenAt });

function textOf({ log, keys }: Sets, directory: string | undefined): string {
  const master = keys.hasMasterKey ? '' : ' The master key was not in the backup: put it where the services look for it.';
  const next = directory === undefined ? 'Start the services again' : `Start it with npm start -- --data-dir ${directory}`;
  return `Log ${log.logId} is restored up to position ${log.position}, as it was at ${log.takenAt}. ${next}; read models build themselves.${master}`;
}
