// Fuzzes every route of a running system from its OpenAPI document: npm run fuzz -- [--examples N] [--seed N]
// Needs schemathesis (https://schemathesis.readthedocs.io) on the PATH, or its path in SCHEMATHESIS.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const top = join(import.meta.dirname, '../..');
const CHECKS = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance';

const { values } = parseArgs({ options: { examples: { type: 'string', default: '100' }, seed: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  process.stdout.write('Usage: npm run fuzz -- [--examples N] [--seed N]\n\nSends generated requests to every route of a system started for it, at most N for each beside the boundaries\nof its schema (100 by default), and says which were answered by 5xx or by what the document does not say.\n');
  process.exit(0);
}

const built = spawnSync('npx', ['nx', 'run-many', '-t', 'build'], { cwd: top, stdio: ['ignore', 'ignore', 'inherit'] });
if (built.status !== 0) process.exit(built.status ?? 1);
const { builtServices, startSystem } = await import('@annals/local');
const folder = await mkdtemp(join(tmpdir(), 'annals-fuzz-'));
const system = await startSystem({ dataDir: join(folder, 'data'), services: builtServices(top), durable: false });
let status = 1;
try {
  const seed = values.seed === undefined ? [] : ['--seed', values.seed];
  const args = ['run', `${system.url}/openapi.json`, '--checks', CHECKS, '--max-examples', values.examples, '--no-color', ...seed];
  const env = { ...process.env, SCHEMATHESIS_HOOKS: 'ndjson', PYTHONPATH: join(import.meta.dirname, 'fuzz') };
  const fuzzer = spawn(process.env['SCHEMATHESIS'] ?? 'schemathesis', args, { stdio: 'inherit', env });
  [status] = await once(fuzzer, 'exit');
} catch (error) {
  process.stderr.write(error.code === 'ENOENT' ? 'schemathesis is not installed: pip install schemathesis, or name it with SCHEMATHESIS.\n' : `${error.message}\n`);
} finally {
  await system.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(status ?? 1);
