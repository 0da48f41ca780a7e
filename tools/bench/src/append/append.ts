import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres, type Postgres } from '@annals/local';
import pg from 'pg';

import { atLeast, below, median, percentile, type Goal, type Result, type Row } from '../report.js';
import { openSystem, prepareAnnals, SYSTEMS, type System, type SystemName } from './systems.js';
import { run, WORKLOADS, type Run, type Workload } from './workloads.js';

const ROUNDS = 3;
const RUN_MS = 3_000;
const SNAPSHOT_OPEN_MS = 60_000;

/** All runs of one system under one workload. */
type Runs = Map<string, Run[]>;

const keyOf = (system: string, workload: Workload): string => `${workload.name}: ${system}`;

/** Each store on a database of its own of one PostgreSQL. */
async function prepare(postgres: Postgres): Promise<Map<SystemName, string>> {
  await postgres.ensureRole('bench_owner');
  await postgres.ensureRole('bench_app');
  const urls = new Map<SystemName, string>();
  for (const name of SYSTEMS) {
    await postgres.ensureDatabase(name, { owner: 'bench_owner', users: ['bench_app'] });
    urls.set(name, postgres.url(name, name === 'annals' ? 'bench_app' : 'bench_owner'));
  }
  await prepareAnnals(postgres.url('annals', 'bench_owner'), 'bench_app');
  return urls;
}

/** One run in `workload.processes` processes at once, added up. */
async function runInProcesses(name: SystemName, url: string, workload: Workload): Promise<Run> {
  const children = Array.from({ length: workload.processes }, () =>
    fork(new URL('./process.js', import.meta.url), [name, workload.name, String(RUN_MS)], {
      env: { ...process.env, BENCH_URL: url },
    }),
  );
  // All open their store first and start on one word, so that their runs overlap.
  await Promise.all(children.map((child) => once(child, 'message')));
  const results = children.map((child) => once(child, 'message'));
  for (const child of children) child.send('start');
  const runs = (await Promise.all(results)).map(([message]) => message as Run);
  return {
    eventsPerSecond: runs.reduce((sum, each) => sum + each.eventsPerSecond, 0),
    latencies: runs.flatMap((each) => each.latencies),
  };
}

async function measure(name: SystemName, url: string, open: Map<SystemName, System>, workload: Workload): Promise<Run> {
  if (workload.processes > 1) return runInProcesses(name, url, workload);
  const system = open.get(name);
  if (!system) throw new Error(`${name} is not open`);
  return run(system, workload, RUN_MS);
}

async function compare(urls: Map<SystemName, string>, open: Map<SystemName, System>): Promise<Runs> {
  const runs: Runs = new Map();
  for (const workload of WORKLOADS) {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, url] of urls) {
        process.stderr.write(`append: ${workload.name}, round ${round + 1} of ${ROUNDS}, ${name}\n`);
        const key = keyOf(name, workload);
        runs.set(key, [...(runs.get(key) ?? []), await measure(name, url, open, workload)]);
      }
    }
  }
  return runs;
}

/** Our own store with and without a snapshot that has been open, under load, for a minute. */
async function underSnapshot(postgres: Postgres, url: string, open: Map<SystemName, System>): Promise<Runs> {
  const runs: Runs = new Map();
  const ours = open.get('annals');
  const warm = WORKLOADS[0];
  if (!ours || !warm) throw new Error('annals is not open');
  for (let round = 0; round < ROUNDS; round++) {
    process.stderr.write(`append: a snapshot open for a minute, round ${round + 1} of ${ROUNDS}\n`);
    const client = new pg.Client({ connectionString: postgres.url('annals', 'bench_owner') });
    await client.connect();
    await client.query('begin isolation level repeatable read');
    await client.query('select count(*) from pg_class');
    await run(ours, warm, SNAPSHOT_OPEN_MS);
    for (const workload of WORKLOADS) await add(runs, `${workload.name}: snapshot`, measure('annals', url, open, workload));
    await client.query('rollback');
    await client.end();
    for (const workload of WORKLOADS) await add(runs, `${workload.name}: none`, measure('annals', url, open, workload));
  }
  return runs;
}

async function add(runs: Runs, key: string, result: Promise<Run>): Promise<void> {
  runs.set(key, [...(runs.get(key) ?? []), await result]);
}

const rates = (runs: Runs, key: string): number[] => (runs.get(key) ?? []).map((each) => each.eventsPerSecond);
const latency = (runs: Runs, key: string, share: number): number[] =>
  (runs.get(key) ?? []).map((each) => percentile(each.latencies, share));

function rowsOf(runs: Runs): Row[] {
  return [...runs.keys()].flatMap((key) => [
    { name: key, unit: 'events/s', runs: rates(runs, key) },
    { name: `${key}, p50`, unit: 'ms', runs: latency(runs, key, 0.5) },
    { name: `${key}, p99`, unit: 'ms', runs: latency(runs, key, 0.99) },
  ]);
}

function goalsOf(compared: Runs, snapshot: Runs): Goal[] {
  const rate = (system: string, workload: string) => median(rates(compared, `${workload}: ${system}`));
  const times = (workload: string, peer: string) => rate('annals', workload) / rate(peer, workload);
  const p99 = (system: string) => median(latency(compared, `single events, new streams: ${system}`, 0.99));
  const single = 'single events, new streams';
  return [
    atLeast('single events, times Emmett', times(single, 'emmett'), 15),
    atLeast('single events, times Castore', times(single, 'castore'), 5),
    below('single events, p99 as a share of the better peer', p99('annals') / Math.min(p99('castore'), p99('emmett')), 1),
    atLeast('1,000 hot streams, times Emmett', times('1,000 hot streams', 'emmett'), 12),
    atLeast('10-event appends, times Emmett', times('10-event appends', 'emmett'), 6),
    atLeast('one in flight, times Castore', times('one in flight', 'castore'), 1),
    ...WORKLOADS.map(({ name }) =>
      atLeast(
        `${name}, with a snapshot open as a share of without`,
        median(rates(snapshot, `${name}: snapshot`)) / median(rates(snapshot, `${name}: none`)),
        0.8,
      ),
    ),
  ];
}

/** Appends beside Emmett and Castore on one PostgreSQL, and ours again while a snapshot is open. */
export async function append(): Promise<Result> {
  const dataDir = await mkdtemp(join(tmpdir(), 'annals-bench-'));
  const postgres = await startPostgres({ dataDir });
  const open = new Map<SystemName, System>();
  try {
    const urls = await prepare(postgres);
    for (const [name, url] of urls) open.set(name, await openSystem(name, url));
    const compared = await compare(urls, open);
    const snapshot = await underSnapshot(postgres, urls.get('annals') ?? '', open);
    return { rows: [...rowsOf(compared), ...rowsOf(snapshot)], goals: goalsOf(compared, snapshot) };
  } finally {
    await Promise.all([...open.values()].map((system) => system.close()));
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
