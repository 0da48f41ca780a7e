import { Option, type Command } from 'commander';

import { CommandFailed, exitCodes } from '../exit-codes.js';

/** Where log and keys are, as the command line says it. */
export interface PlaceOptions {
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
}

const FLAGS: Readonly<Record<keyof Places, string>> = {
  eventStoreUrl: '--event-store-url URL (EVENT_STORE_URL)',
  keyStoreUrl: '--key-store-url URL (KEY_STORE_URL)',
  deploymentKeyFile: '--deployment-key-file FILE (DEPLOYMENT_KEY_FILE)',
  masterKeyFile: '--master-key-file FILE (MASTER_KEY_FILE)',
};

/** The options of a place. By the environment a URL's password is seen by nobody else on the machine; as an argument it is. */
export function withPlaces(command: Command, role: string): Command {
  const place = (flags: string, what: string, variable: string): Option => new Option(flags, what).env(variable);
  return command
    .addOption(place('--event-store-url <url>', `the log's database, as a role ${role}`, 'EVENT_STORE_URL'))
    .addOption(place('--key-store-url <url>', `the keys' database, as a role ${role}`, 'KEY_STORE_URL'))
    .addOption(place('--deployment-key-file <file>', 'the deployment key', 'DEPLOYMENT_KEY_FILE'))
    .addOption(place('--master-key-file <file>', 'the master key', 'MASTER_KEY_FILE'));
}

/** @throws CommandFailed where one that is needed was not said */
export function placesOf(options: PlaceOptions, needed: readonly (keyof Places)[]): Places {
  for (const name of needed) if ((options[name] ?? '') === '') throw new CommandFailed(`Say where it is: ${FLAGS[name]}.`, exitCodes.usage);
  const { eventStoreUrl = '', keyStoreUrl = '', deploymentKeyFile = '', masterKeyFile = '' } = options;
  return { eventStoreUrl, keyStoreUrl, deploymentKeyFile, masterKeyFile };
}
