import { isEventStoreDb } from '@annals/event-store';
import type { Settings } from '@annals/local';
import { Option, type Command } from 'commander';

import { dataDirectory } from '../config.js';
import { CommandFailed, exitCodes } from '../exit-codes.js';

/** Where log and keys are, as the command line says it. */
export interface PlaceOptions {
  readonly dataDir?: string;
  readonly eventStoreUrl?: string;
  readonly keyStoreUrl?: string;
  readonly deploymentKeyFile?: string;
  readonly masterKeyFile?: string;
}

/** Where log and keys are. */
export interface Places {
  readonly eventStoreUrl: string;
  readonly keyStoreUrl: string;
  readonly deploymentKeyFile: string;
  readonly masterKeyFile: string;
  /** Of the data directory, where they are in one. */
  readonly settings?: Settings;
}

const FLAGS = {
  eventStoreUrl: '--event-store-url URL (EVENT_STORE_URL)',
  keyStoreUrl: '--key-store-url URL (KEY_STORE_URL)',
  deploymentKeyFile: '--deployment-key-file FILE (DEPLOYMENT_KEY_FILE)',
  masterKeyFile: '--master-key-file FILE (MASTER_KEY_FILE)',
} as const;

/** One of the places. */
export type PlaceName = keyof typeof FLAGS;

/** The options of a place. By the environment a URL's password is seen by nobody else on the machine; as an argument it is. */
export function withPlaces(command: Command, { directory, role }: { readonly directory: string; readonly role: string }): Command {
  const place = (flags: string, what: string, variable: string): Option => new Option(flags, what).env(variable);
  return command
    .option('--data-dir <dir>', `${directory}; the environment may name it as ANNALS_DATA_DIR, where it names no URL`)
    .addOption(place('--event-store-url <url>', `elsewhere: the log's database, as a role ${role}`, 'EVENT_STORE_URL'))
    .addOption(place('--key-store-url <url>', `the keys' database, as a role ${role}`, 'KEY_STORE_URL'))
    .addOption(place('--deployment-key-file <file>', 'the deployment key', 'DEPLOYMENT_KEY_FILE'))
    .addOption(place('--master-key-file <file>', 'the master key', 'MASTER_KEY_FILE'));
}

/** @returns the data directory that is meant; undefined where URLs are. @throws CommandFailed where both are */
export function directoryOf(options: PlaceOptions, command: Command): string | undefined {
  const urls = (['eventStoreUrl', 'keyStoreUrl'] as const).filter((name) => options[name] !== undefined);
  if (options.dataDir === undefined) return urls.length > 0 ? undefined : dataDirectory();
  const said = urls.find((name) => command.getOptionValueSource(name) === 'cli');
  if (said !== undefined) throw new CommandFailed(`Say --data-dir, or ${FLAGS[said].split(' ')[0] ?? ''}: each is a place of its own.`, exitCodes.usage);
  return options.dataDir;
}

/** @throws CommandFailed where one that is needed was not said, or the log is where its own server makes the backups */
export function placesOf(options: PlaceOptions, needed: readonly PlaceName[]): Places {
  for (const name of needed) check(name, options[name] ?? '');
  const { eventStoreUrl = '', keyStoreUrl = '', deploymentKeyFile = '', masterKeyFile = '' } = options;
  return { eventStoreUrl, keyStoreUrl, deploymentKeyFile, masterKeyFile };
}

function check(name: PlaceName, place: string): void {
  if (place === '') throw new CommandFailed(`Say where it is: --data-dir DIR, or ${FLAGS[name]}.`, exitCodes.usage);
  if (isEventStoreDb(place)) throw new CommandFailed('A log in EventStoreDB is backed up and restored by EventStoreDB itself, not by annals.', exitCodes.usage);
}

/** Works with a data directory that is open, and closes it. */
export async function within<D extends { close(): Promise<void> }, T>(opening: Promise<D>, work: (directory: D) => Promise<T>): Promise<T> {
  const directory = await opening;
  try {
    return await work(directory);
  } finally {
    await directory.close();
  }
}

/** Key files that are named go before those of the data directory. */
export const withKeyFiles = (directory: Places, { deploymentKeyFile, masterKeyFile }: PlaceOptions): Places => ({
  ...directory,
  deploymentKeyFile: deploymentKeyFile ?? directory.deploymentKeyFile,
  masterKeyFile: masterKeyFile ?? directory.masterKeyFile,
});
