import { InvalidArgumentError, Option, type Command } from 'commander';

import { failureOf } from '../failure.js';
import { putBack } from '../backup/put-back.js';
import { takeBackup } from '../backup/take.js';
import type { Run } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { Terminal } from '../terminal.js';

const KEEP_DAYS = 90;
const MOST_DAYS = 36_500;

const BACKUP_HELP = `
Examples:
  EVENT_STORE_URL=... KEY_STORE_URL=... DEPLOYMENT_KEY_FILE=... MASTER_KEY_FILE=... annals backup /backups/monday
  annals backup /backups/monday --keep 30
  annals backup /backups/monday --without-master-key --json`;

const RESTORE_HELP = `
Log and key store must be empty, and no service may run on them.

Examples:
  EVENT_STORE_URL=... KEY_STORE_URL=... DEPLOYMENT_KEY_FILE=... MASTER_KEY_FILE=... annals restore /backups/monday
  annals restore /backups/monday --expired`;

interface Places {
  readonly eventStoreUrl: string;
  readonly keyStoreUrl: string;
  readonly deploymentKeyFile: string;
  readonly masterKeyFile: string;
  readonly json?: true;
}

/** `annals backup DIR` */
export function backup(program: Command, run: Run): void {
  const command = program
    .command('backup')
    .argument('<dir>', 'a new folder; it gets the two sets log/ and keys/')
    .description('copy the log and its keys, while Annals runs, into two sets that can be kept apart')
    .option('--keep <days>', 'how long the backup is to be kept; its sets say so', days, KEEP_DAYS)
    .option('--without-master-key', 'leave the master key out: the sets are then worth nothing to whoever has not kept it elsewhere')
    .addHelpText('after', BACKUP_HELP);
  places(command, 'that may read').action(async (dir: string, options: Places & { keep: number; withoutMasterKey?: true }) => {
    const terminal = new Terminal(run.streams, options.json === true);
    const taken = await takeBackup({ ...options, folder: dir, keepDays: options.keep, withMasterKey: options.withoutMasterKey !== true, terminal }).catch((error: unknown) => {
      throw failureOf(error, 'The backup cannot be taken');
    });
    terminal.result(taken, `${dir} holds backup ${taken.backupId} of log ${taken.logId}: ${taken.events} events and ${taken.keys} keys. It expires at ${taken.expiresAt}.`);
    run.exitCode = exitCodes.done;
  });
}

/** `annals restore DIR` */
export function restore(program: Command, run: Run): void {
  const command = program
    .command('restore')
    .argument('<dir>', 'what annals backup wrote')
    .description('put a backup into a log and a key store that are empty, and prove it while doing so')
    .option('--expired', 'take a backup whose time is over')
    .addHelpText('after', RESTORE_HELP);
  places(command, 'that owns it').action(async (dir: string, options: Places & { expired?: true }) => {
    const terminal = new Terminal(run.streams, options.json === true);
    const into = { ...options, folder: dir, eventStoreOwnerUrl: options.eventStoreUrl, keyStoreOwnerUrl: options.keyStoreUrl, evenExpired: options.expired === true, terminal };
    const { log, keys } = await putBack(into).catch((error: unknown) => {
      throw failureOf(error, 'Nothing was restored');
    });
    const restored = { backupId: log.backupId, logId: log.logId, events: log.position, takenAt: log.takenAt };
    const master = keys.hasMasterKey ? '' : ' The master key was not in the backup: put it where the services look for it.';
    terminal.result(restored, `Log ${log.logId} is restored up to position ${log.position}, as it was at ${log.takenAt}. Start the services again; read models build themselves.${master}`);
    run.exitCode = exitCodes.done;
  });
}

/** By the environment a URL's password is seen by nobody else on the machine; as an argument it is. */
function places(command: Command, role: string): Command {
  const place = (flags: string, what: string, variable: string): Option => new Option(flags, what).env(variable).makeOptionMandatory();
  return command
    .addOption(place('--event-store-url <url>', `the log's database, as a role ${role}`, 'EVENT_STORE_URL'))
    .addOption(place('--key-store-url <url>', `the keys' database, as a role ${role}`, 'KEY_STORE_URL'))
    .addOption(place('--deployment-key-file <file>', 'the deployment key', 'DEPLOYMENT_KEY_FILE'))
    .addOption(place('--master-key-file <file>', 'the master key', 'MASTER_KEY_FILE'))
    .option('--json', 'print results as JSON');
}

function days(text: string): number {
  const count = Number(text);
  if (!/^\d{1,5}$/.test(text) || count < 1 || count > MOST_DAYS) throw new InvalidArgumentError(`It is a whole number of days from 1 to ${MOST_DAYS}.`);
  return count;
}
