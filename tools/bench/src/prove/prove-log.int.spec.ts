import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const TOP = join(import.meta.dirname, '../../../..');
const WITHIN_MS = 240_000;

interface Ended {
  readonly code: number;
  readonly output: string;
}

function run(cwd: string, program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}

function prove(top: string, ...args: string[]): Promise<Ended> {
  return run(top, process.execPath, [join(top, 'tools/bench/dist/prove/main.js'), 'log', ...args]);
}

/** A copy of the log and its proof that shares everything else with this tree. */
async function scratchCopy(): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'annals-defect-'));
  const own = ['node_modules/@annals', 'libs/event-store', 'tools/bench'];
  for (const folder of own) await mkdir(join(scratch, folder), { recursive: true });
  for (const name of await readdir(join(TOP, 'node_modules'))) {
    if (!name.startsWith('.') && name !== '@annals') await link(scratch, `node_modules/${name}`);
  }
  for (const name of await readdir(join(TOP, 'node_modules/@annals'))) {
    if (name !== 'event-store') await link(scratch, `node_modules/@annals/${name}`);
  }
  await symlink(join(scratch, 'libs/event-store'), join(scratch, 'node_modules/@annals/event-store'));
  const copied = ['tsconfig.base.json', 'libs/event-store/src', 'libs/event-store/package.json', 'libs/event-store/tsconfig.json'];
  for (const path of [...copied, 'tools/bench/dist', 'tools/bench/package.json']) {
    await cp(join(TOP, path), join(scratch, path), { recursive: true });
  }
  return scratch;
}

async function link(scratch: string, path: string): Promise<void> {
  await symlink(join(TOP, path), join(scratch, path));
}

describe('the proof of the log', () => {
  it('finds nothing wrong with appends by many writers', async () => {
    const { code, output } = await prove(TOP, '--only', 'order', '--events', '10000', '--processes', '3', '--writers', '9');
    expect(output).toMatch(/^order: 100\d\d events of .* nothing wrong$/m);
    expect(code).toBe(0);
  }, WITHIN_MS);

  it('finds nothing wrong after kill -9 of PostgreSQL', async () => {
    const { code, output } = await prove(TOP, '--only', 'kill', '--kills', '2', '--processes', '2', '--writers', '6');
    expect(output).toMatch(/^kill -9: \d+ events of .* \(0 without an answer\) .* nothing wrong$/m);
    expect(code).toBe(0);
  }, WITHIN_MS);
});

describe('the proof of a log with a planted defect', () => {
  let scratch: string;
  beforeAll(async () => {
    scratch = await scratchCopy();
  }, WITHIN_MS);
  afterAll(async () => rm(scratch, { recursive: true, force: true }));

  async function plant(patch: string): Promise<void> {
    const source = join(scratch, 'libs/event-store/src');
    await rm(source, { recursive: true });
    await cp(join(TOP, 'libs/event-store/src'), source, { recursive: true });
    const applied = await run(scratch, 'git', ['apply', join(TOP, 'tools/defects', patch)]);
    expect(applied).toEqual({ code: 0, output: '' });
    const tsc = join(TOP, 'node_modules/typescript/bin/tsc');
    const built = await run(scratch, process.execPath, [tsc, '-p', 'libs/event-store/tsconfig.json', '--noCheck']);
    expect(built).toEqual({ code: 0, output: '' });
  }

  it('finds the events that a reader by a plain sequence misses', async () => {
    await plant('read-by-plain-sequence.patch');
    const { code, output } = await prove(scratch, '--only', 'order', '--events', '10000', '--processes', '4');
    expect(output).toMatch(/^order: .* WRONG$/m);
    expect(output).toMatch(/the reader that followed: position \d+ came after \d+/);
    expect(code).toBe(1);
  }, WITHIN_MS);

  it('finds the acknowledged appends that synchronous_commit=off loses', async () => {
    await plant('synchronous-commit-off.patch');
    const { code, output } = await prove(scratch, '--only', 'kill', '--kills', '3', '--processes', '2', '--writers', '6');
    expect(output).toMatch(/^kill -9: .* WRONG$/m);
    expect(code).toBe(1);
  }, WITHIN_MS);
});
