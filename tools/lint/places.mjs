import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** The folder that holds nx.json. */
export const workspaceRoot = resolve(import.meta.dirname, '../..');

/** A path from the workspace's root, with slashes: `apps/customers/src/main.ts`. */
export function placeOf(path) {
  return relative(workspaceRoot, path).split(sep).join('/');
}

const projects = ['libs', 'apps', 'tools']
  .filter((folder) => existsSync(join(workspaceRoot, folder)))
  .flatMap((folder) => readdirSync(join(workspaceRoot, folder)).map((name) => join(folder, name)))
  .concat('e2e')
  .filter((folder) => existsSync(join(workspaceRoot, folder, 'package.json')));

/** Every package of the workspace by name, as its package.json has it. */
export const packages = new Map(
  projects.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(workspaceRoot, folder, 'package.json'), 'utf8'));
    return [manifest.name, { ...manifest, folder: folder.split(sep).join('/') }];
  }),
);

/** The package that a file lies in; undefined for files at the top of the workspace. */
export function packageOf(filename) {
  const place = placeOf(filename);
  return [...packages.values()].find(({ folder }) => place.startsWith(`${folder}/`));
}

/** The name of the package that an import names: `@scope/name` of `@scope/name/deep.js`; undefined for a relative import. */
export function packageNamed(specifier) {
  if (specifier.startsWith('.') || specifier.startsWith('/')) return undefined;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Where a relative import leads, from the workspace's root. */
export function targetOf(specifier, filename) {
  return placeOf(resolve(dirname(filename), specifier));
}

/** A package of the workspace that has no entry: an application, or a tool that is only run. */
export function isApp(name) {
  return packages.has(name) && packages.get(name).exports === undefined;
}
