import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')) as { packages: Record<string, Locked> };
const packages = Object.entries(lock.packages);
const supported = [
  { os: 'linux', cpu: 'x64' },
  { os: 'linux', cpu: 'arm64' },
  { os: 'darwin', cpu: 'arm64' },
] as const;

/** Packages that bring programs for each platform in a package of its own, with the names of those. */
const families = packages
  .map(([path, { optionalDependencies = {} }]) => ({ path, natives: Object.keys(optionalDependencies).filter((name) => locked(path, name)?.cpu !== undefined) }))
  .filter(({ natives }) => natives.length > 0);

/** The package that Node would find from another: the nearest node_modules upwards. */
function locked(from: string, name: string): Locked | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const found = lock.packages[`${folder}${folder === '' ? '' : '/'}node_modules/${name}`];
    if (found !== undefined || folder === '') return found;
  }
}

function serves(native: Locked | undefined, { os, cpu }: { os: string; cpu: string }): boolean {
  const glibc = native?.libc === undefined || native.libc.includes('glibc');
  return glibc && native?.os?.includes(os) === true && native.cpu?.includes(cpu) === true;
}

describe('package-lock.json', () => {
  it('knows the packages that bring programs of their own', () => {
    const paths = families.map(({ path }) => path.replace(/^node_modules\//, ''));
    expect(paths).toEqual(expect.arrayContaining(['tools/local', '@swc/core', 'nx', 'unrs-resolver']));
  });

  it('names every optional package that another asks for, those of other platforms too', () => {
    const absent = packages.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => locked(path, name) === undefined).map((name) => `${path} -> ${name}`),
    );
    expect(absent).toEqual([]);
  });

  it.each(supported)('has a program for $os $cpu in each of them', (platform) => {
    const without = families.filter(({ path, natives }) => !natives.some((name) => serves(locked(path, name), platform)));
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it('names no host but the public registry, and what each package must hold', () => {
    const foreign = packages.filter(([, { resolved, link }]) => link !== true && resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'));
    expect(foreign).toEqual([]);
    const unchecked = packages.filter(([path, { integrity, link }]) => path.includes('node_modules/') && link !== true && integrity === undefined);
    expect(unchecked.map(([path]) => path)).toEqual([]);
  });
});
