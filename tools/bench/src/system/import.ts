import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { median, type Goal, type Result } from '../report.js';
import { readModels, residentMb, until, withSystem } from './running.js';

const top = join(import.meta.dirname, '../../../..');
const ROUNDS = 3;
const WITHIN_MS = 120_000;
const SAMPLE_MS = 100;
const CUSTOMERS = 100_000;
const FAMILY = ['Smith', 'Novák', 'García', '王', 'Okafor', "O'Brien", 'Müller'];
const COUNTRIES = ['GB', 'CN', 'DE', 'FR', 'US'];
const CITIES = ['London', '上海', 'Köln', 'Lyon'];
const COLUMNS = {
  name: 'name.full',
  email: { path: 'contactPoints[0].raw', kind: 'email' },
  phone: { path: 'contactPoints[1].raw', kind: 'phone' },
  country: 'country',
  city: { path: 'attributes.city.value', type: 'text' },
  '*': { kind: 'person' },
};

const atMost = (name: string, value: number, bound: number): Goal => ({ name, value, goal: `<= ${bound}`, met: value <= bound });

interface Run {
  readonly seconds: number;
  readonly rss: Readonly<Record<string, number>>;
}

/** Runs `annals import` with these arguments on an empty system. */
async function importOnce(...args: readonly string[]): Promise<Run> {
  return withSystem(async (system) => {
    const started = performance.now();
    const cli = spawn(process.execPath, [join(top, 'apps/cli/dist/main.js'), 'import', ...args, '--url', system.url], {
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

/** Imports again and again, each time from empty. */
async function imported(goalSeconds: number, ...args: readonly string[]): Promise<Result> {
  const runs: Run[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    process.stderr.write(`import: round ${round} of ${ROUNDS}\n`);
    runs.push(await importOnce(...args));
  }
  const names = Object.keys(runs[0]?.rss ?? {});
  const peak = Math.max(...runs.flatMap(({ rss }) => Object.values(rss)));
  const seconds = runs.map((each) => each.seconds);
  return {
    rows: [
      { name: 'import to read models caught up', unit: 's', runs: seconds },
      ...names.map((name) => ({ name: `peak memory of ${name}`, unit: 'MB', runs: runs.map(({ rss }) => rss[name] ?? Number.NaN) })),
    ],
    goals: [atMost('import, seconds', median(seconds), goalSeconds), atMost('largest process, MB', peak, 512)],
  };
}

/** The Online Retail ledger from an empty system to read models that have caught up. */
export async function importLedger(): Promise<Result> {
  const ledger = process.env['ANNALS_RETAIL_CSV'] ?? resolve(top, '../shared/data/online-retail/online-retail.csv.gz');
  if (!existsSync(ledger)) throw new Error(`the ledger is not at ${ledger}; name it with ANNALS_RETAIL_CSV`);
  return await imported(15, 'retail', ledger);
}

/** A customer as a CRM hands it out: a name, two addresses, a country, a city. */
const row = (n: number): string =>
  `${n},"${FAMILY[n % FAMILY.length] ?? ''}, Ada ${n.toString(36)}",ada.${n}@example.com,+4420${String(n).padStart(8, '0')},${COUNTRIES[n % COUNTRIES.length] ?? ''},${CITIES[n % CITIES.length] ?? ''}`;

/** 100,000 customers as a CSV file, each with two contact points, until their cards show them. */
export async function importCsv(): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'annals-csv-'));
  try {
    const [file, map] = [join(folder, 'customers.csv'), join(folder, 'map.json')];
    await writeFile(file, ['no,name,email,phone,country,city', ...Array.from({ length: CUSTOMERS }, (_, n) => row(n))].join('\n'));
    await writeFile(map, JSON.stringify(COLUMNS));
    return await imported(20, 'customers', file, '--map', map, '--source', 'crm', '--id', 'no');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
