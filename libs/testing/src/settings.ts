import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDatabases } from '@annals/local';
import { afterAll, beforeAll } from '@jest/globals';
import type { TestPostgres } from './postgres.js';

/** A service's settings, by the names of their environment variables. The URLs hold passwords. */
export interface TestSettings {
  readonly EVENT_STORE_URL: string;
  readonly KEY_STORE_URL: string;
  readonly DATABASE_URL: string;
  readonly MASTER_KEY_FILE: string;
  readonly DEPLOYMENT_KEY_FILE: string;
}

/**
 * What a service needs to run against the spec file's PostgreSQL: an empty log, its keys, and read models.
 *
 * `const postgres = postgresForTests(); const settings = settingsForTests(postgres);` and in a hook or test `settings()`.
 */
export function settingsForTests(postgres: TestPostgres): () => TestSettings {
  let settings: TestSettings | undefined;
  let folder: string | undefined;
  beforeAll(async () => {
    const { eventStore, keyStore, readModels } = await prepareDatabases(postgres.server(), postgres.server());
    const keys = await mkdtemp(join(tmpdir(), 'annals-keys-'));
    folder = keys;
    const keyFile = async (name: string): Promise<string> => {
      await writeFile(join(keys, name), randomBytes(32), { mode: 0o600 });
      return join(keys, name);
    };
    settings = {
      EVENT_STORE_URL: eventStore,
      KEY_STORE_URL: keyStore,
      DATABASE_URL: readModels,
      MASTER_KEY_FILE: await keyFile('master.key'),
      DEPLOYMENT_KEY_FILE: await keyFile('deployment.key'),
    };
  }, 60_000);
  afterAll(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });
  return () => {
    if (settings === undefined) throw new Error('there are settings from the first beforeAll of the spec file on');
    return settings;
  };
}
