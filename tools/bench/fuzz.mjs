// Fuzzes every route of a running system from its OpenAPI document: npm run fuzz -- [--cases N] [--seed N]
// Needs schemathesis (https://schemathesis.readthedocs.io) on the PATH, or its path in SCHEMATHESIS.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const top = join(import.meta.dirname, '../..');
const CHECKS = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance';
/** A group of routes that takes longer is ended, and counts as a failure. */
const GROUP_MS = 900_000;

const { values } = parseArgs({ options: { cases: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' }, help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  process.stdout.write('Usage: npm run fuzz -- [--cases N] [--seed N]\n\nSends requests to every route of a system started for it: those that cover each parameter and each field, some\n18,000, and N more at random (2,000 by default). One group of routes after another, it says which were answered by\n5xx or by what the document does not say. Exits with 1 when any was.\n');
  process.exit(0);
}

/** How many routes a document has of each group: those about one kind of record, or those of one service. */
function groupsOf({ paths }) {
  const groups = new Map();
  for (const [path, methods] of Object.entries(paths)) {
    const [, first, second] = path.split('/');
    const group = first === 'services' ? `/services/${second}` : `/${first}`;
    groups.set(group, (groups.get(group) ?? 0) + Object.keys(methods).length);
  }
  return groups;
}

/** How many cases were sent and how many scenarios failed, from schemathesis' own record of what happened. */
async function countedIn(file) {
  const counted = { cases: 0, failed: 0 };
  for (const line of (await readFile(file, 'utf8').catch(() => '')).split('\n')) {
    const scenario = line === '' ? undefined : JSON.parse(line).ScenarioFinished;
    if (scenario === undefined) continue;
    counted.cases += Object.keys(scenario.recorder?.interactions ?? {}).length;
    if (scenario.status === 'failure' || scenario.status === 'error') counted.failed += 1;
  }
  return counted;
}

async function fuzzed(system, folder, { group, examples, seed }) {
  const file = join(folder, 'events.ndjson');
  await rm(file, { force: true });
  const args = [
    ...['run', `${system.url}/openapi.json`, '--checks', CHECKS, '--phases', 'examples,coverage,fuzzing', '--max-examples', String(examples)],
    ...['--include-path-regex', `^${group}(/|$)`, '--seed', seed, '--generation-database', 'none', '--no-color', '--warnings', 'off', '--continue-on-failure', '--report', 'ndjson', '--report-ndjson-path', file],
  ];
  const env = { ...process.env, SCHEMATHESIS_HOOKS: 'ndjson', PYTHONPATH: join(import.meta.dirname, 'fuzz') };
  const fuzzer = spawn(process.env['SCHEMATHESIS'] ?? 'schemathesis', args, { stdio: 'inherit', cwd: folder, env, timeout: GROUP_MS });
  const [status] = await once(fuzzer, 'exit');
  return { status, ...(await countedIn(file)) };
}

const built = spawnSync('npx', ['nx', 'run-many', '-t', 'build'], { cwd: top, stdio: ['ignore', 'ignore', 'inherit'] });
if (built.status !== 0) process.exit(built.status ?? 1);
const { builtServices, startSystem } = await import('@annals/local');
const folder = await mkdtemp(join(tmpdir(), 'annals-fuzz-'));
const system = await startSystem({ dataDir: join(folder, 'data'), services: builtServices(top), durable: false });
const results = [];
try {
  const groups = groupsOf(await (await fetch(`${system.url}/openapi.json`)).json());
  const routes = [...groups.values()].reduce((sum, count) => sum + count, 0);
  const examples = Math.ceil(Number(values.cases) / routes);
  for (const group of groups.keys()) {
    results.push({ group, ...(await fuzzed(system, folder, { group, examples, seed: values.seed })) });
  }
  for (const { group, cases, failed, status } of results) process.stdout.write(`${group}: ${cases} cases of ${groups.get(group)} routes, ${failed} failures, exit ${status ?? 'cut off'}\n`);
  const sum = (name) => results.reduce((total, result) => total + result[name], 0);
  process.stdout.write(`fuzz: ${sum('cases')} cases of ${routes} routes, ${sum('failed')} failures\n`);
} catch (error) {
  process.stderr.write(error.code === 'ENOENT' ? 'schemathesis is not installed: pip install schemathesis, or name it with SCHEMATHESIS.\n' : `${error.message}\n`);
} finally {
  await system.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(results.length > 0 && results.every(({ status }) => status === 0) ? 0 : 1);
