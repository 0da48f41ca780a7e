import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalError, destroyPostgres, exitCodes, startPostgres, type Postgres } from '@annals/local';
import { afterAll, beforeAll } from '@jest/globals';

const ownerRole = 'owner';
const appRole = 'app';
const abandonedAfterMs = 60_000;

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
    await removeAbandoned();
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

function clustersFolder(): string {
  return join(tmpdir(), `annals-tests-${process.getuid?.() ?? 0}`);
}

async function removeAbandoned(): Promise<void> {
  await mkdir(clustersFolder(), { recursive: true, mode: 0o700 });
  for (const name of await readdir(clustersFolder())) {
    const directory = join(clustersFolder(), name);
    if (await mayBeAbandoned(directory)) await removeUnlessInUse(directory);
  }
}

/** A folder without a lock may be one that another test process is just making. */
async function mayBeAbandoned(directory: string): Promise<boolean> {
  if (existsSync(join(directory, 'owner.lock'))) return true;
  const made = await stat(directory).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > abandonedAfterMs;
}

async function removeUnlessInUse(directory: string): Promise<void> {
  try {
    await destroyPostgres(directory);
  } catch (error) {
    if (!(error instanceof LocalError && error.exitCode === exitCodes.dataDirectoryInUse)) throw error;
  }
}
