import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.js';
import { postgresEnvironment, type PostgresBinaries } from './binaries.js';
import { LocalError, exitCodes } from './errors.js';

/** The name of PostgreSQL's superuser in our clusters. */
export const superuser = 'postgres';

/** One data directory's cluster: its folders, its programs and the account that runs them. */
export interface Cluster {
  /** Ours: passwords, lock and, below it, what belongs to PostgreSQL. Absolute, links resolved. */
  readonly directory: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account | undefined;
}

/** The folder that PostgreSQL's account owns: the data, and for a moment the first password. */
function ownedFolder({ directory }: Pick<Cluster, 'directory'>): string {
  return join(directory, 'cluster');
}

/** PostgreSQL's own data directory. */
export function dataFolder(cluster: Pick<Cluster, 'directory'>): string {
  return join(ownedFolder(cluster), 'data');
}

/** What postmaster.pid says; undefined where there is none or it is not written yet. */
export function readPidFile(cluster: Pick<Cluster, 'directory'>): { pid: number; port: number; ready: boolean } | undefined {
  const path = join(dataFolder(cluster), 'postmaster.pid');
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8').split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' } : undefined;
}

/**
 * Runs one of PostgreSQL's programs with the data directory as its working directory.
 *
 * The data directory may lie under a folder that only root can enter. The child changes into it before it gives
 * up root's rights, and on Linux `/proc/self/cwd` then names it without a walk through the folders above.
 * A session of its own keeps the terminal's Ctrl-C away: the order of shutting down is ours to decide.
 */
export function runInData(cluster: Cluster, program: string, args: readonly string[]): ChildProcess {
  const data = dataFolder(cluster);
  const named = cluster.account !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : data;
  return spawn(program, ['-D', named, ...args], {
    ...cluster.account,
    cwd: data,
    env: postgresEnvironment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

/** True when the cluster was initialised completely at some earlier time. */
export function isInitialised(cluster: Cluster): boolean {
  return existsSync(passwordsFile(cluster.directory));
}

/**
 * Makes an empty cluster and the superuser's password. What a killed attempt left behind is removed first:
 * the passwords file is written last and says that the cluster is whole.
 */
export async function initialise(cluster: Cluster, durable: boolean): Promise<void> {
  await rm(ownedFolder(cluster), { recursive: true, force: true });
  await mkdir(dataFolder(cluster), { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  const passwordFile = join(ownedFolder(cluster), 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  for (const path of [ownedFolder(cluster), dataFolder(cluster), passwordFile]) {
    if (cluster.account !== undefined) await chown(path, cluster.account.uid, cluster.account.gid);
  }
  // Collation and case rules come with PostgreSQL, not with the machine, so that data directories can move.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = ['-U', superuser, '--pwfile=../password', '--auth=scram-sha-256', '--no-instructions', ...locale];
  await finished(runInData(cluster, cluster.binaries.initdb, durable ? args : [...args, '--no-sync']));
  await rm(passwordFile);
  await writePasswords(cluster.directory, { [superuser]: password });
}

async function finished(initdb: ChildProcess): Promise<void> {
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4_000);
  };
  initdb.stdout?.on('data', collect);
  initdb.stderr?.on('data', collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    initdb.once('error', (error) => reject(new LocalError(`PostgreSQL's initdb could not be run: ${error.message}.`)));
    initdb.once('close', resolve);
  });
  if (code !== 0) throw explain('PostgreSQL could not make its data directory', output);
}

/** Turns what PostgreSQL printed before it gave up into a sentence. */
export function explain(what: string, output: string): LocalError {
  if (/No space left on device/.test(output)) return new LocalError(`${what}: the disk is full.`, exitCodes.diskFull);
  const last = output.trim().split('\n').filter((line) => /FATAL|PANIC|error|could not/i.test(line)).at(-1);
  return new LocalError(`${what}: ${last?.replace(/^.*?(FATAL|PANIC|error):\s*/i, '') ?? 'it gave no reason'}.`);
}

function passwordsFile(directory: string): string {
  return join(directory, 'passwords.json');
}

/** Passwords by role. */
export async function readPasswords(directory: string): Promise<Record<string, string>> {
  const passwords: unknown = JSON.parse(await readFile(passwordsFile(directory), 'utf8'));
  return passwords as Record<string, string>;
}

/** Replaces the passwords file in one step. */
export async function writePasswords(directory: string, passwords: Record<string, string>): Promise<void> {
  const draft = `${passwordsFile(directory)}.new`;
  await writeFile(draft, JSON.stringify(passwords), { mode: 0o600, flush: true });
  await chmod(draft, 0o600);
  await rename(draft, passwordsFile(directory));
}
