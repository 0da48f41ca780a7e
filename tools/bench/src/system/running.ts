import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { builtServices, startSystem, type System, type SystemOptions } from '@annals/local';

const top = join(import.meta.dirname, '../../../..');
const POLL_MS = 50;

/** Starts the whole system on a throw-away data directory with default durability, and ends it afterwards. */
export async function withSystem<Result>(use: (system: System) => Promise<Result>, options: Pick<SystemOptions, 'tokens'> = {}): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'annals-bench-'));
  const system = await startSystem({ ...options, dataDir: join(folder, 'data'), services: builtServices(top) });
  try {
    return await use(system);
  } finally {
    await system.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A customer's id that a number stands for. */
export const customerId = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

/** One call that must succeed. */
export async function call(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

/** Sends commands as one batch; every line must be accepted. */
export async function sendBatch(url: string, commands: readonly object[]): Promise<void> {
  const body = commands.map((command) => `${JSON.stringify(command)}\n`).join('');
  const answer = await (await call(url, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body })).text();
  const lines = answer.trimEnd().split('\n');
  const rejected = lines.find((line) => line.includes('"rejected"'));
  if (rejected !== undefined || lines.length !== commands.length) throw new Error(`a batch was not taken: ${rejected ?? lines.length}`);
}

/** A read model as `GET /read-models` shows it. */
export interface ReadModelState {
  readonly name: string;
  readonly state: 'live' | 'building';
  readonly generation: string;
  readonly position: number;
  readonly lag: number;
}

/** Where the read models of the projection service stand. */
export async function readModels(url: string): Promise<ReadModelState[]> {
  return ((await (await call(`${url}/read-models`)).json()) as { items: ReadModelState[] }).items;
}

/** Polls until something holds. */
export async function until(holds: () => Promise<boolean>, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`nothing happened within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Resident memory of each process of the system, in MB, as Linux counts it; empty elsewhere. */
export async function residentMb(pids: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const entries = await Promise.all(
    Object.entries(pids).map(async ([name, pid]) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const kb = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
      return kb === undefined ? [] : [[name, Number(kb) / 1_024] as const];
    }),
  );
  return Object.fromEntries(entries.flat());
}
