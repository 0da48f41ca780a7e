// Installs the peers at first use, builds, and runs one benchmark: npm run bench -- NAME [--json FILE]
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const top = join(here, '../..');

function step(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[2] === 'append' && !existsSync(join(here, 'peers/node_modules'))) {
  step('npm', ['ci', '--no-audit', '--no-fund'], join(here, 'peers'));
}
step('npx', ['nx', 'run-many', '-t', 'build'], top);
const { status } = spawnSync(process.execPath, [join(here, 'dist/main.js'), ...process.argv.slice(2)], {
  cwd: process.env.INIT_CWD ?? top,
  stdio: 'inherit',
});
process.exit(status ?? 1);
