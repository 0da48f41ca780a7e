import { execFileSync } from 'node:child_process';
import { chmod, cp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { itWhere } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import { postgresAccount } from './account.js';
import { installedFolder, postgresBinaries } from './binaries.js';
import { Scratch } from './fixtures/scratch.js';

const scratch = new Scratch();
const asRoot = itWhere(process.getuid?.() === 0 && process.platform === 'linux', 'root on Linux');

/** A copy of the installed package as npm leaves it when it runs no scripts: without the libraries' links. */
async function unlinkedPackage(): Promise<string> {
  const folder = await scratch.folder();
  const installed = join(installedFolder(), '..');
  await cp(installed, folder, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8')) as { target: string }[];
  for (const { target } of links) await rm(join(folder, target), { force: true });
  return join(folder, 'native');
}

describe('postgresBinaries', () => {
  it('makes the links that npm did not make for want of install scripts', async () => {
    const native = await unlinkedPackage();
    await chmod(join(native, '..'), 0o755);
    const cache = await scratch.folder();
    const { initdb } = await postgresBinaries(undefined, native, cache);
    expect(initdb).toBe(join(native, 'bin/initdb'));
    expect(execFileSync(initdb, ['--version'], { encoding: 'utf8' })).toMatch(/PostgreSQL/);
    expect(await readdir(cache)).toEqual([]);
  });

  asRoot('copies the programs once to where the account can run them when their folder is root alone', async () => {
    const native = await unlinkedPackage();
    await chmod(join(native, '..'), 0o700);
    const cache = await scratch.folder();
    await chmod(cache, 0o755);
    const account = postgresAccount(cache);
    const both = await Promise.all([postgresBinaries(account, native, cache), postgresBinaries(account, native, cache)]);
    for (const { postgres } of both) expect(execFileSync(postgres, ['--version'], { ...account, cwd: '/', encoding: 'utf8' })).toMatch(/PostgreSQL/);
    expect(await readdir(cache)).toHaveLength(1);
    expect((await stat(both[0].postgres)).uid).toBe(0);
  });
});
