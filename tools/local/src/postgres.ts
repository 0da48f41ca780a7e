import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { administer, ensureDatabase, ensureRole } from '@annals/provisioning';
import type pg from 'pg';
import { postgresAccount } from './account.js';
import { addressed, type Addresses } from './addresses.js';
import { postgresBinaries } from './binaries.js';
import { explain, initialise, isInitialised, readPasswords, readPidFile, runInData, writePasswords, type Cluster } from './cluster.js';
import { LocalError, exitCodes, explained } from './errors.js';
import { takeOwnerLock, type OwnerLock } from './lock.js';
import { stopOrphans } from './orphans.js';
import { freePort } from './ports.js';
import { isAlive, signal, waitUntil } from './processes.js';

const startWithinMs = 120_000;
const portAttempts = 5;

/** What `startPostgres` can be told. */
export interface PostgresOptions {
  /** Made when it does not exist; everything of this cluster lies below it. */
  readonly dataDir: string;
  /** On 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** False for throw-away clusters only: commits then survive the death of PostgreSQL, not that of the machine. */
  readonly durable?: boolean;
  /** Further settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Receives what PostgreSQL writes to its log. */
  readonly log?: (text: string) => void;
}

/** A running PostgreSQL of our own, on 127.0.0.1. */
export interface Postgres extends Addresses {
  /** The postmaster's process number. */
  readonly pid: number;
  /** Resolves with a sentence when PostgreSQL ends without `stop` having been called. */
  readonly died: Promise<string>;
  /** Makes a role that may log in, with a random password kept in the data directory, unless it exists. */
  ensureRole(role: string): Promise<void>;
  /** Makes a database unless it exists; besides its owner only `users` may connect to it, and what they ask for ends by itself. */
  ensureDatabase(database: string, roles: { readonly owner: string; readonly users?: readonly string[] }): Promise<void>;
  /** Ends PostgreSQL: open transactions are rolled back, a checkpoint is written. `quickly` leaves the checkpoint to the next start. */
  stop(options?: { readonly quickly?: boolean }): Promise<void>;
}

/**
 * Starts PostgreSQL on a data directory, making the cluster at first.
 *
 * Works as root (PostgreSQL then runs under another account) and below folders that only root can enter; ends the
 * PostgreSQL of a killed owner first. Durable by default: fsync and synchronous_commit are on.
 *
 * @throws LocalError with a sentence: directory in use, port taken, disk full, platform without binaries
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  try {
    return await start(options);
  } catch (error) {
    throw explained(error, `PostgreSQL could not be started in ${options.dataDir}`);
  }
}

async function start(options: PostgresOptions): Promise<Postgres> {
  const cluster = await openCluster(options.dataDir);
  const lock = await takeOwnerLock(join(cluster.directory, 'owner.lock'), cluster.directory);
  try {
    await stopOrphans(cluster);
    if (!isInitialised(cluster)) await initialise(cluster, options.durable ?? true);
    const server = await launch(cluster, options);
    return running(cluster, lock, server, await readPasswords(cluster.directory));
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Removes a cluster that nobody runs any more, with the PostgreSQL that a killed owner left on it.
 *
 * @throws LocalError with `exitCodes.dataDirectoryInUse` while its owner runs
 */
export async function destroyPostgres(dataDir: string): Promise<void> {
  const cluster = await openCluster(dataDir);
  await takeOwnerLock(join(cluster.directory, 'owner.lock'), cluster.directory);
  await stopOrphans(cluster);
  await rm(cluster.directory, { recursive: true, force: true });
}

async function openCluster(dataDir: string): Promise<Cluster> {
  await mkdir(resolve(dataDir), { recursive: true, mode: 0o700 });
  const directory = await realpath(dataDir);
  const account = postgresAccount(join(directory, 'cluster'));
  return { directory, account, binaries: await postgresBinaries(account) };
}

interface Server {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  /** Resolves with how it ended: its exit code or the signal. */
  readonly ended: Promise<string>;
  readonly lastWords: () => string;
}

async function launch(cluster: Cluster, options: PostgresOptions): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const server = spawnServer(cluster, port, options);
    if (await becomesReady(cluster, server)) return server;
    await end(server, ['SIGQUIT', 'SIGKILL']);
    const taken = /could not bind|could not create any TCP\/IP sockets/.test(server.lastWords());
    if (taken && options.port !== undefined) throw new LocalError(`Port ${port} on 127.0.0.1, meant for PostgreSQL, is taken.`, exitCodes.portTaken);
    if (!taken || attempt === portAttempts) throw explain('PostgreSQL did not start', server.lastWords());
  }
}

/** False when PostgreSQL ended, or was not ready in time. */
async function becomesReady(cluster: Cluster, server: Server): Promise<boolean> {
  let over = false;
  void server.ended.then(() => (over = true));
  const isReady = (): boolean => {
    const file = readPidFile(cluster);
    return file?.pid === server.pid && file.ready;
  };
  return (await waitUntil(() => over || isReady(), startWithinMs)) && !over;
}

function spawnServer(cluster: Cluster, port: number, options: PostgresOptions): Server {
  const durable: Record<string, string> = options.durable === false ? { fsync: 'off', full_page_writes: 'off' } : { fsync: 'on', full_page_writes: 'on' };
  const settings: Record<string, string> = {
    ...durable,
    synchronous_commit: 'on',
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    jit: 'off',
    // Details of an error may quote a row, and rows may hold personal data.
    log_error_verbosity: 'terse',
    ...options.settings,
  };
  const child = runInData(cluster, cluster.binaries.postgres, Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]));
  let words = '';
  const hear = (chunk: Buffer): void => {
    words = (words + chunk.toString()).slice(-4_000);
    options.log?.(chunk.toString());
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  const ended = new Promise<string>((done) => {
    child.once('exit', (code, signalName) => done(signalName ?? `code ${code}`));
    child.once('error', (error) => {
      words += `error: ${error.message}`;
      done(error.message);
    });
  });
  return { child, pid: child.pid ?? 0, port, ended, lastWords: () => words };
}

async function end(server: Server, signals: readonly NodeJS.Signals[]): Promise<void> {
  for (const name of signals) {
    if (server.child.exitCode !== null || server.child.signalCode !== null || server.pid === 0) break;
    signal(server.pid, name);
    await waitUntil(() => !isAlive(server.pid) || server.child.exitCode !== null || server.child.signalCode !== null, 20_000);
  }
  await server.ended;
}

function running(cluster: Cluster, lock: OwnerLock, server: Server, passwords: Record<string, string>): Postgres {
  let stopping = false;
  const died = new Promise<string>((tell) => {
    void server.ended.then((how) => {
      const full = /No space left on device/.test(server.lastWords()) ? ', the disk is full' : '';
      if (!stopping) tell(`PostgreSQL ended (${how}${full}).`);
    });
  });
  const { port, url } = addressed(cluster.directory, server.port, passwords);
  const asSuperuser = (run: (client: pg.Client) => Promise<void>): Promise<void> => administer(url('postgres'), run);
  return {
    port,
    pid: server.pid,
    died,
    url,
    ensureRole: async (role) => {
      const known = passwords[role];
      const password = known ?? randomBytes(24).toString('base64url');
      passwords[role] = password;
      // The file first: a role whose password nobody knows could not be repaired by a second start.
      if (known === undefined) await writePasswords(cluster.directory, passwords);
      await asSuperuser((client) => ensureRole(client, { role, password }));
    },
    ensureDatabase: (database, roles) => asSuperuser((client) => ensureDatabase(client, database, roles)),
    stop: async ({ quickly = false } = {}) => {
      stopping = true;
      await end(server, quickly ? ['SIGQUIT', 'SIGKILL'] : ['SIGINT', 'SIGQUIT', 'SIGKILL']);
      await lock.release();
    },
  };
}
