import { isEventStoreDb } from '@annals/event-store';
import { administer, prepareKeys, prepareLog, prepareReadModels, ProvisioningRefused } from '@annals/provisioning';

import type { Config } from './config.js';

/** Databases could not be prepared; a sentence. */
export class NotPrepared extends Error {
  override readonly name = 'NotPrepared';
}

/**
 * Makes the roles, databases and schemas that a deployment's connections name, and tries each connection. Changes nothing
 * where all is there; brings an older version's functions and grants up to date.
 *
 * @param say - told a line for each of them
 * @throws NotPrepared
 */
export async function prepare(config: Config, say: (line: string) => void): Promise<void> {
  const { ADMIN_URL: admin, LOG_OWNER_URL: owner, EVENT_STORE_URL: writer, EVENT_STORE_READER_URL: reader } = config;
  // A log in EventStoreDB makes itself.
  if (owner !== undefined && writer !== undefined && reader !== undefined && !isEventStoreDb(writer)) {
    await step('the log', () => prepareLog(admin, { owner, writer, reader }), [writer, reader]);
    say('the log is prepared');
  } else {
    say('the log is not kept in PostgreSQL: nothing to prepare');
  }
  const keys = { owner: config.KEYS_OWNER_URL, writer: config.KEY_STORE_URL, reader: config.KEY_STORE_READER_URL };
  await step('the keys', () => prepareKeys(admin, keys), [keys.writer, keys.reader]);
  say('the keys are prepared');
  const views = config.DATABASE_URL;
  await step('the read models', () => prepareReadModels(config.READ_MODELS_ADMIN_URL ?? admin, views), [views]);
  say('the read models are prepared');
}

async function step(what: string, make: () => Promise<void>, connections: readonly string[]): Promise<void> {
  try {
    await make();
    for (const url of connections) await administer(url, (client) => client.query('select 1'));
  } catch (error) {
    const why = reasonOf(error);
    throw new NotPrepared(error instanceof ProvisioningRefused ? why : `PostgreSQL did not let ${what} be prepared: ${why}.`, { cause: error });
  }
}

/** Where a host has several addresses, what each of them answered is in a list and not in the message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
