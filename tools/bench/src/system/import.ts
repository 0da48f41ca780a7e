import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { median, type Goal, type Result } from '../report.js';
import { readModels, residentMb, until, withSystem } from './running.js';

const top = join(import.meta.dirname, '../../../..');
const ROUNDS = 3;
const WITHIN_MS = 120_000;
const SAMPLE_MS = 100;

const atMost = (name: string, value: number, bound: number): Goal => ({ name, value, goal: `<= ${bound}`, met: value <= bound });

interface Run {
  readonly seconds: number;
  readonly rss: Readonly<Record<string, number>>;
}

async function importOnce(ledger: string): Promise<Run> {
  return withSystem(async (system) => {
    const started = performance.now();
    const cli = spawn(process.execPath, [join(top, 'apps/cli/dist/main.js'), 'import', 'retail', ledger, '--url', system.url], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const exited = once(cli, 'exit');
    // The high-water mark of a process is gone with the process, so the CLI's is taken while it runs.
    let cliMb: Record<string, number> = {};
    const sampler = setInterval(() => {
      void residentMb({ cli: cli.pid ?? 0 }).then((found) => (cliMb = { ...cliMb, ...found }));
    }, SAMPLE_MS);
    const [status] = (await exited) as [number | null];
    clearInterval(sampler);
    if (status !== 0) throw new Error(`the import ended with ${status}`);
    await until(async () => (await readModels(system.url)).every(({ lag }) => lag === 0), WITHIN_MS);
    return { seconds: (performance.now() - started) / 1_000, rss: { ...(await residentMb(system.pids())), ...cliMb } };
  });
}

/** The Online Retail ledger from an empty system to read models that have caught up. */
export async function importLedger(): Promise<Result> {
  const ledger = process.env['ANNALS_RETAIL_CSV'] ?? resolve(top, '../shared/data/online-retail/online-retail.csv.gz');
  if (!existsSync(ledger)) throw new Error(`the ledger is not at ${ledger}; name it with ANNALS_RETAIL_CSV`);
  const runs: Run[] = [];
  for (let round = 0; round < ROUNDS; round++) runs.push(await importOnce(ledger));
  const names = Object.keys(runs[0]?.rss ?? {});
  const peak = Math.max(...runs.flatMap(({ rss }) => Object.values(rss)));
  const seconds = runs.map((each) => each.seconds);
  return {
    rows: [
      { name: 'import to read models caught up', unit: 's', runs: seconds },
      ...names.map((name) => ({ name: `peak memory of ${name}`, unit: 'MB', runs: runs.map(({ rss }) => rss[name] ?? Number.NaN) })),
    ],
    goals: [atMost('import, seconds', median(seconds), 15), atMost('largest process, MB', peak, 512)],
  };
}
