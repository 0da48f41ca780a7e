import { once } from 'node:events';

import { openSystem, SYSTEMS } from './systems.js';
import { run, WORKLOADS } from './workloads.js';

// One of several processes that append at once: says when its store is open, runs on a word, answers with the run.
const [, , systemName, workloadName, ms] = process.argv;
const name = SYSTEMS.find((each) => each === systemName);
const workload = WORKLOADS.find((each) => each.name === workloadName);
if (!name || !workload) throw new Error(`no system ${systemName} or workload ${workloadName}`);
const system = await openSystem(name, process.env['BENCH_URL'] ?? '');
process.send?.('open');
await once(process, 'message');
const result = await run(system, { ...workload, processes: 1 }, Number(ms));
await new Promise((sent) => process.send?.(result, sent));
await system.close();
process.exit(0);
