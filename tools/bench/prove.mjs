// Builds, then runs a proof: npm run prove -- log [options]
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const top = join(import.meta.dirname, '../..');
const build = spawnSync('npx', ['nx', 'build', '@annals/bench'], { cwd: top, stdio: ['ignore', 'ignore', 'inherit'] });
if (build.status !== 0) process.exit(build.status ?? 1);
const program = join(import.meta.dirname, 'dist/prove/main.js');
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
