import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres, type Postgres } from '@annals/local';
import { afterAll, beforeAll } from '@jest/globals';
import { clustersFolder, removeAbandonedClusters } from './abandoned-clusters.js';

const ownerRole = 'owner';
const appRole = 'app';

/** An empty database of a test. The URLs hold passwords. */
export interface TestDatabase {
  readonly name: string;
  /** Connects as the owner, who may make schemas and tables. */
  readonly ownerUrl: string;
  /** Connects as a role that may do nothing until the owner grants it. */
  readonly appUrl: string;
  /** The name of that role, for grants. */
  readonly appRole: string;
}

/** The PostgreSQL of one spec file. */
export interface TestPostgres {
  /** The server itself; there is one from the first hook of the spec file on. */
  server(): Postgres;
  /** Makes a new, empty database. */
  freshDatabase(): Promise<TestDatabase>;
}

/** What `postgresForTests` can be told. */
export interface TestPostgresOptions {
  /** True to fsync every commit, as in production; off by default, which shows only when the machine dies. */
  readonly durable?: boolean;
  /** Further settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts a real PostgreSQL for the spec file that calls it, at top level or in a `describe`, and removes it afterwards.
 *
 * `const postgres = postgresForTests();` and in a test `const { ownerUrl } = await postgres.freshDatabase();`.
 * What killed test runs left behind is removed first.
 */
export function postgresForTests(options: TestPostgresOptions = {}): TestPostgres {
  const directory = join(clustersFolder(), randomUUID());
  let running: Postgres | undefined;
  let databases = 0;
  const server = (): Postgres => {
    if (running === undefined) throw new Error('PostgreSQL runs from the first beforeAll to the last afterAll of the spec file');
    return running;
  };
  beforeAll(async () => {
    await removeAbandonedClusters();
    running = await startPostgres({ durable: false, ...options, dataDir: directory });
    await running.ensureRole(ownerRole);
    await running.ensureRole(appRole);
  }, 60_000);
  afterAll(async () => {
    await running?.stop({ quickly: true });
    await rm(directory, { recursive: true, force: true });
  }, 60_000);
  return {
    server,
    freshDatabase: async () => {
      const name = `test_${(databases += 1)}`;
      await server().ensureDatabase(name, { owner: ownerRole, users: [appRole] });
      return { name, ownerUrl: server().url(name, ownerRole), appUrl: server().url(name, appRole), appRole };
    },
  };
}
