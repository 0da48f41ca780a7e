import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemErrorCode } from './errors.js';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the platform's own words. */
  readonly started: string;
}

/** True while a process of that number runs, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
  return !isZombie(pid);
}

/** Where nobody collects the dead (many containers), a killed process keeps its number for ever. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return linuxStat(pid)[0] === 'Z';
  } catch {
    // Gone between the two questions.
    return true;
  }
}

/** The identity of a running process, or undefined where there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    return { pid, started: process.platform === 'linux' ? linuxStartTime(pid) : psColumn(pid, 'lstart') };
  } catch {
    // Both ways of asking fail when the process is gone, which is the answer.
    return undefined;
  }
}

/** True when exactly that process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return isAlive(identity.pid) && identify(identity.pid)?.started === identity.started;
}

function linuxStartTime(pid: number): string {
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${linuxStat(pid)[19]}`;
}

/** The fields of proc(5)'s stat from the state on; before it comes the command's name, which may hold spaces and brackets. */
function linuxStat(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function psColumn(pid: number, column: string): string {
  const text = execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return text.trim();
}

/** The name of a process's program, without its folder; undefined where there is no such process. */
export function nameOf(pid: number): string | undefined {
  try {
    const name = process.platform === 'linux' ? readFileSync(`/proc/${pid}/comm`, 'utf8').trim() : psColumn(pid, 'comm');
    return basename(name);
  } catch {
    return undefined;
  }
}

/** The number of a process's parent; undefined where there is no such process. */
export function parentOf(pid: number): number | undefined {
  try {
    return Number(process.platform === 'linux' ? linuxStat(pid)[1] : psColumn(pid, 'ppid'));
  } catch {
    return undefined;
  }
}

/**
 * The PostgreSQL processes that have `directory` as their data directory.
 *
 * Linux shows every process's working directory, which PostgreSQL sets to its data directory. Elsewhere the
 * command line of `candidate`, the number in postmaster.pid, must name the directory.
 */
export function postgresProcessesIn(directory: string, candidate: number | undefined): number[] {
  if (process.platform === 'linux') return readdirSync('/proc').map(Number).filter((pid) => worksIn(pid, directory));
  if (candidate === undefined || !isAlive(candidate)) return [];
  try {
    return psColumn(candidate, 'command').includes(directory) ? [candidate] : [];
  } catch {
    return [];
  }
}

function worksIn(pid: number, directory: string): boolean {
  if (!Number.isInteger(pid)) return false;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === directory && nameOf(pid) === 'postgres';
  } catch {
    // Gone meanwhile, or another user's: either way not one of ours.
    return false;
  }
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
}

/** Asks every 20 ms until `condition` holds; false when `withinMs` pass first. */
export async function waitUntil(condition: () => boolean, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}
