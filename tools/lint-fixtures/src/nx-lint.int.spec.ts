import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { allowed, fixtures, violating } from './fixtures.js';

const root = resolve(import.meta.dirname, '../../..');
const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
const atTheTop = ['package.json', 'package-lock.json', 'nx.json', 'tsconfig.base.json', 'tsconfig.json', 'eslint.config.mjs', 'tools/lint'];
const planted = fixtures.filter(({ file }) => file === 'apps/customers/src/reaches-into-another-app.ts');

/** The workspace without its sources: what nx and ESLint read to know the projects and the rules. */
function copyWorkspace(): string {
  const target = mkdtempSync(join(tmpdir(), 'annals-lint-'));
  const projects = ['libs', 'apps', 'tools'].flatMap((kind) => readdirSync(join(root, kind)).map((name) => `${kind}/${name}`));
  const manifests = [...projects, 'e2e'].flatMap((folder) => [`${folder}/package.json`, `${folder}/tsconfig.json`]);
  for (const path of [...atTheTop, ...manifests]) {
    if (existsSync(join(root, path))) cpSync(join(root, path), join(target, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(target, 'node_modules'));
  return target;
}

let copy: string;

beforeAll(() => {
  copy = copyWorkspace();
});

afterAll(() => rmSync(copy, { recursive: true }));

/** `nx lint` of the customers service, as it is in `npm test` but for the builds beneath, with nothing in it but this file. */
function nxLint({ place, text }: { place: string; text: string }): { status: number | null; output: string } {
  mkdirSync(dirname(join(copy, place)), { recursive: true });
  writeFileSync(join(copy, place), text);
  const args = [nx, 'run', '@annals/customers:lint', '--exclude-task-dependencies', '--skip-nx-cache', '--output-style=static'];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NX_')));
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, env, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

it('fails on an app that reaches into another', () => {
  for (const { status, output } of planted.map(violating).map(nxLint)) {
    expect(output).toContain('@nx/enforce-module-boundaries');
    expect(status).not.toBe(0);
  }
  expect(planted).toHaveLength(1);
}, 300_000);

it('passes once that is gone', () => {
  for (const { status, output } of planted.map(allowed).map(nxLint)) expect({ status, output }).toMatchObject({ status: 0 });
}, 300_000);
