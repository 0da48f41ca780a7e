import { join } from 'node:path';

import type { Command } from 'commander';

import { placesOf, withPlaces, type PlaceOptions } from '../backup/places.js';
import { putBack, type Sets } from '../backup/put-back.js';
import { interruptibly, type Run } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { failureOf } from '../failure.js';
import { Terminal } from '../terminal.js';

const HELP = `
Log and key store must be empty, and no service may run on them. A restore that was cut off is run again.

Examples:
  EVENT_STORE_URL=... KEY_STORE_URL=... DEPLOYMENT_KEY_FILE=... MASTER_KEY_FILE=... annals restore /backups/monday
  annals restore /backups/monday --keys-dir /safe/monday
  annals restore /backups/monday --expired`;

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
    .description('put a backup into a log and a key store that are empty, and prove it while doing so')
    .option('--keys-dir <dir>', 'the folder that holds keys/, where it is another')
    .option('--expired', 'take a backup whose time is over')
    .option('--json', 'print results as JSON')
    .addHelpText('after', HELP);
  withPlaces(command, 'that owns it').action(async (dir: string, options: Options) => {
    const terminal = new Terminal(run.streams, options.json === true);
    const places = placesOf(options, ['eventStoreUrl', 'keyStoreUrl', 'deploymentKeyFile', 'masterKeyFile']);
    const from = { log: join(dir, 'log'), keys: join(options.keysDir ?? dir, 'keys'), evenExpired: options.expired === true, terminal };
    const into = { ...places, eventStoreOwnerUrl: places.eventStoreUrl, keyStoreOwnerUrl: places.keyStoreUrl };
    const restored = await interruptibly('Interrupted: nothing was restored.', (signal) => putBack({ ...from, into, signal })).catch((error: unknown) => {
      throw failureOf(error, 'Nothing was restored');
    });
    terminal.result(resultOf(restored), textOf(restored));
    run.exitCode = exitCodes.done;
  });
}

const resultOf = ({ log }: Sets): object => ({ backupId: log.backupId, logId: log.logId, events: log.position, takenAt: log.takenAt });

function textOf({ log, keys }: Sets): string {
  const master = keys.hasMasterKey ? '' : ' The master key was not in the backup: put it where the services look for it.';
  return `Log ${log.logId} is restored up to position ${log.position}, as it was at ${log.takenAt}. Start the services again; read models build themselves.${master}`;
}
