import { execFileSync } from 'node:child_process';
import type { Postgres } from '@annals/local';

/** Ends PostgreSQL's postmaster and every process of it at once, with SIGKILL. */
export async function killPostgres(postgres: Postgres): Promise<void> {
  // Its children first listed, then killed after it: left alone, it would have them recover in order.
  const children = childrenOf(postgres.pid);
  kill(postgres.pid);
  for (const child of new Set([...children, ...childrenOf(postgres.pid)])) kill(child);
  await postgres.died;
  await postgres.stop({ quickly: true });
}

function childrenOf(parent: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It may have ended by itself in the meantime.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
