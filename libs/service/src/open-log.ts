import { openEventStore, type EventStore } from '@annals/event-store';
import { createEventCodec, createIdentities, noKeys, openKeyStore, readKeyFile } from '@annals/sealing';
import type { KeylessLogConfig, LogConfig } from './config.js';
import type { Dependency } from './health.controller.js';
import { Log } from './log.js';
import { appendGroup, measureAtScrape } from './metrics.js';

// No holder has this id: asking for it shows that the key store answers.
const NO_KEY = '00000000-0000-0000-0000-000000000000';

/** How a log is opened. */
export interface OpenLogOptions {
  /** For a service that writes nothing: no key is ever made. False by default. */
  readonly readOnly?: boolean;
}

/** A log, and what a service that uses it stands on. */
export interface OpenedLog {
  readonly log: Log;
  readonly dependencies: readonly Dependency[];
}

const openStore = (connectionString: string): Promise<EventStore> => openEventStore({ connectionString, onGroup: (appends) => appendGroup.observe(appends) });

/** How far the log is, by which one sees how far those who follow it are behind. */
function measure(store: EventStore): void {
  measureAtScrape({ annals_log_position: { help: 'Position of the last event of the log.' } }, async () => [{ name: 'annals_log_position', value: (await store.head()).position }]);
}

/**
 * Opens the log with the keys of its personal fields, and makes sure that they belong together.
 *
 * @throws UnreadableLog, WrongKeys, UnusableKeyFile, StoreUnavailable, KeyStoreUnavailable: each with a sentence
 */
export async function openLog(config: LogConfig, { readOnly = false }: OpenLogOptions = {}): Promise<OpenedLog> {
  const identities = createIdentities(await readKeyFile(config.DEPLOYMENT_KEY_FILE));
  const masterKey = await readKeyFile(config.MASTER_KEY_FILE);
  const store = await openStore(config.EVENT_STORE_URL);
  const keys = await openKeyStore({ connectionString: config.KEY_STORE_URL, masterKey, readOnly });
  measure(store);
  const { position } = await store.head();
  await keys.bind({ logId: store.logId, deploymentKeyId: identities.deploymentKeyId, logIsEmpty: position === 0 });
  const dependencies = [
    { name: 'key-store', check: () => keys.byIds([NO_KEY]), close: () => keys.close() },
    { name: 'event-store', check: () => store.head(), close: () => store.close() },
  ];
  return { log: new Log(store, createEventCodec({ identities, keys }), identities), dependencies };
}

/**
 * Opens the log without any key: what is personal in it reads as erased.
 *
 * @throws UnreadableLog, UnusableKeyFile, StoreUnavailable: each with a sentence
 */
export async function openLogWithoutKeys(config: KeylessLogConfig): Promise<OpenedLog> {
  const identities = createIdentities(await readKeyFile(config.DEPLOYMENT_KEY_FILE));
  const store = await openStore(config.EVENT_STORE_URL);
  measure(store);
  const dependencies = [{ name: 'event-store', check: () => store.head(), close: () => store.close() }];
  return { log: new Log(store, createEventCodec({ identities, keys: noKeys }), identities), dependencies };
}
