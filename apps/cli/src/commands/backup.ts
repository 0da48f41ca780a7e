import { join } from 'node:path';

import { openForReading } from '@annals/local';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { z } from 'zod';

import type { SetName } from '../backup/manifest.js';
import { directoryOf, placesOf, withKeyFiles, within, withPlaces, type PlaceName, type PlaceOptions, type Places } from '../backup/places.js';
import { takeBackup, type Taken } from '../backup/take.js';
import { interruptibly, type Run } from '../context.js';
import { CommandFailed, exitCodes } from '../exit-codes.js';
import { failureOf } from '../failure.js';
import { Terminal } from '../terminal.js';
import { backupVerify } from './backup-verify.js';

const KEEP_DAYS = 90;
const MOST_DAYS = 36_500;

const HELP = `
Whoever has both sets can open everything: keep them in different places, with --keys-dir at once. An account that
reaches one of the two databases alone takes its set alone: first the log, then the keys with the id that it told.

Examples:
  annals backup /backups/monday --data-dir /var/lib/annals
  annals backup /backups/monday --data-dir /var/lib/annals --keys-dir /safe/monday --keep 30
  EVENT_STORE_URL=... KEY_STORE_URL=... DEPLOYMENT_KEY_FILE=... MASTER_KEY_FILE=... annals backup /backups/monday
  EVENT_STORE_URL=... annals backup /backups/monday --only log
  annals backup /safe/monday --only keys --id 0b50c1a6-...
  annals backup verify /backups/monday --keys-dir /safe/monday`;

interface Options extends PlaceOptions {
  readonly keysDir?: string;
  readonly only?: SetName;
  readonly id?: string;
  readonly keep: number;
  readonly withoutMasterKey?: true;
  readonly json?: true;
}

/** `annals backup DIR` */
export function backup(program: Command, run: Run): void {
  const command = program
    .command('backup')
    .argument('<dir>', 'a new folder; it gets the two sets log/ and keys/')
    .description('copy the log and its keys, while Annals runs, into two sets that can be kept apart')
    .option('--keys-dir <dir>', 'a folder of its own that gets keys/')
    .addOption(new Option('--only <set>', 'take one set alone').choices(['log', 'keys']))
    .option('--id <id>', 'with --only keys: of the backup whose log was taken before', uuid)
    .option('--keep <days>', 'how long the backup is to be kept; its sets say so', days, KEEP_DAYS)
    .option('--without-master-key', 'leave the master key out: the sets are then worth nothing to whoever has not kept it elsewhere')
    .option('--json', 'print results as JSON')
    .addHelpText('after', HELP);
  withPlaces(command, { directory: 'the data directory, whether its system runs or not', role: 'that may read' }).action(async (dir: string, options: Options) => {
    refuseContradictions(options);
    const terminal = new Terminal(run.streams, options.json === true);
    const directory = directoryOf(options, command);
    const taken = await interruptibly('Interrupted: no backup was taken, and what was written of it is removed.', async (signal) => {
      if (directory === undefined) return take(dir, options, placesOf(options, neededFor(options)), { terminal, signal });
      return within(openForReading(directory), (places) => take(dir, options, withKeyFiles(places, options), { terminal, signal }));
    }).catch((error: unknown) => {
      throw failureOf(error, 'The backup cannot be taken');
    });
    terminal.result(taken, textOf(taken, dir));
    run.exitCode = exitCodes.done;
  });
  backupVerify(command, run);
}

function refuseContradictions({ only, id, keysDir }: Options): void {
  const wrong = (sentence: string): CommandFailed => new CommandFailed(sentence, exitCodes.usage);
  if (only === 'keys' && id === undefined) throw wrong('Keys that are taken alone belong to a log that was taken before: --id ID, which annals backup --only log told.');
  if (only !== 'keys' && id !== undefined) throw wrong('--id is for --only keys alone: a backup gets an id of its own.');
  if (only !== undefined && keysDir !== undefined) throw wrong('--keys-dir is for both sets; one alone goes into the folder that is named first.');
}

function neededFor({ only }: Options): PlaceName[] {
  const log: PlaceName[] = only === 'keys' ? [] : ['eventStoreUrl'];
  return only === 'log' ? log : [...log, 'keyStoreUrl', 'deploymentKeyFile', 'masterKeyFile'];
}

function take(dir: string, { only, id, keep, keysDir = dir, withoutMasterKey }: Options, places: Places, rest: { readonly terminal: Terminal; readonly signal: AbortSignal }): Promise<Taken> {
  return takeBackup({
    log: only === 'keys' ? undefined : { url: places.eventStoreUrl, folder: join(dir, 'log'), settings: places.settings },
    keys: only === 'log' ? undefined : { ...places, url: places.keyStoreUrl, folder: join(keysDir, 'keys'), withMasterKey: withoutMasterKey !== true },
    backupId: id,
    keepDays: keep,
    ...rest,
  });
}

function textOf({ backupId, logId, events, keys, expiresAt }: Taken, dir: string): string {
  const held = [events === undefined ? '' : `${events} events`, keys === undefined ? '' : `${keys} keys`].filter((text) => text !== '').join(' and ');
  const next = keys === undefined ? ` Take its keys now: annals backup DIR --only keys --id ${backupId}` : '';
  return `${dir} holds backup ${backupId} of log ${logId}: ${held}. It expires at ${expiresAt}.${next}`;
}

function days(text: string): number {
  const count = Number(text);
  if (!/^\d{1,5}$/.test(text) || count < 1 || count > MOST_DAYS) throw new InvalidArgumentError(`It is a whole number of days from 1 to ${MOST_DAYS}.`);
  return count;
}

function uuid(text: string): string {
  if (!z.uuid().safeParse(text).success) throw new InvalidArgumentError('It is the id of a backup, a UUID.');
  return text;
}
