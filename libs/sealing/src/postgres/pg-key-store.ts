import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';

import { Coalescer } from '../coalescer.js';
import { createMasterKey } from '../master-key.js';
import type { Binding, HeldKey, KeyStore } from '../key-store.js';
import { keyPool } from './connection.js';
import { KeyTable } from './key-table.js';

/** How to reach the keys, and how long to hold them. */
export interface KeyStoreOptions {
  /** Connection of the writer's or reader's role to the key store's database. */
  readonly connectionString: string;
  /** 32 bytes, from `readKeyFile`. */
  readonly masterKey: Uint8Array;
  /** True where fields are only opened: no key is ever made. False by default. */
  readonly readOnly?: boolean;
  /** For how long a key may be used without asking whether it still exists; 60,000 ms by default. */
  readonly cacheForMs?: number;
  /** How long a statement is tried again while the database cannot be reached; 5,000 ms by default. */
  readonly retryForMs?: number;
  /** 2 by default. */
  readonly connections?: number;
}

const CACHED_KEYS = 20_000;
const LIMITS = { batch: 1_000, waiting: 100_000 } as const;

/**
 * Opens the key store in PostgreSQL, made by `migrateKeyStore`.
 *
 * Keys in use are cached, so a key that is destroyed may be used by this process for up to `cacheForMs` more.
 * What is sealed with it in that time can be opened by nobody afterwards.
 *
 * @throws RangeError for a master key that is not 32 bytes; KeyStoreUnavailable where the database does not answer
 */
export async function openKeyStore(options: KeyStoreOptions): Promise<KeyStore> {
  const store = new PgKeyStore(options);
  try {
    await store.byIds(['00000000-0000-0000-0000-000000000000']);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

class PgKeyStore implements KeyStore {
  readonly #pool;
  readonly #table;
  readonly #held: LRUCache<string, HeldKey>;
  readonly #live: LRUCache<string, KeyObject>;
  readonly #holders;
  readonly #ids;
  readonly #readOnly;

  constructor({ connectionString, masterKey, readOnly = false, cacheForMs = 60_000, retryForMs = 5_000, connections = 2 }: KeyStoreOptions) {
    const cache = { max: CACHED_KEYS, ttl: cacheForMs };
    const limits = { ...LIMITS, calls: connections };
    this.#readOnly = readOnly;
    const master = createMasterKey(masterKey);
    this.#pool = keyPool(connectionString, connections);
    const table = new KeyTable(this.#pool, master, retryForMs);
    this.#table = table;
    this.#held = new LRUCache<string, HeldKey>(cache);
    this.#live = new LRUCache<string, KeyObject>(cache);
    this.#holders = new Coalescer<HeldKey>((holders) => table.getOrCreate(holders), limits);
    this.#ids = new Coalescer<KeyObject>((ids) => table.byId(ids), limits);
  }

  bind(binding: Binding): Promise<void> {
    return this.#table.bind(binding, !this.#readOnly);
  }

  async forHolders(holders: readonly string[]): Promise<ReadonlyMap<string, HeldKey>> {
    if (this.#readOnly) throw new Error('a key store opened to read makes no keys');
    return withCache(holders, this.#held, this.#holders);
  }

  async byIds(ids: readonly string[]): Promise<ReadonlyMap<string, KeyObject>> {
    return withCache(ids, this.#live, this.#ids);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** What the cache has, and the rest from the database, which the cache then has too. */
async function withCache<V extends object>(
  names: readonly string[],
  cache: LRUCache<string, V>,
  rest: Coalescer<V>,
): Promise<ReadonlyMap<string, V>> {
  const found = new Map<string, V>();
  const missing: string[] = [];
  for (const name of names) {
    const value = cache.get(name);
    if (value) found.set(name, value);
    else missing.push(name);
  }
  if (missing.length === 0) return found;
  for (const [name, value] of await rest.ask(missing)) {
    cache.set(name, value);
    found.set(name, value);
  }
  return found;
}
