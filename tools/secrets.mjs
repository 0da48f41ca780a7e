// `npm run secrets`: the passwords and keys of a deployment, each made once: docs/guides/run-it-for-real.md.
import { build, checkNode, giveUp, install, root } from './bootstrap.mjs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

function options() {
  try {
    return parseArgs({ options: { dir: { type: 'string', default: join(root, 'deploy/secrets') }, server: { type: 'string', default: 'postgres:5432' } } }).values;
  } catch (error) {
    return giveUp(`${error.message}. Use: npm run secrets -- [--dir DIR] [--server HOST:PORT]`, 2);
  }
}

checkNode();
const { dir, server } = options();
await install();
await build(['@annals/deploy']);
const { makeSecrets } = await import('./deploy/dist/index.js');
const folder = resolve(dir);
const made = await makeSecrets(folder, { server }).catch((error) => giveUp(error.message, error.exitCode));
process.stdout.write(made.length === 0 ? 'All were there; nothing was changed.\n' : `Made in ${relative('', folder)}: ${made.join(', ')}\n`);
process.stdout.write('Keep a copy of master.key and deployment.key elsewhere: without them the log cannot be read.\n');
