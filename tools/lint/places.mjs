import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** The folder that holds nx.json. */
export const workspaceRoot = resolve(import.meta.dirname, '../..');

/** A path from the workspace's root, with slashes: `apps/customers/src/main.ts`. */
export function placeOf(path) {
  return relative(workspaceRoot, path).split(sep).join('/');
}

const manifests = new Map();

/** The package.json of a folder with the folder's place in it; undefined where there is none. */
function manifestIn(folder) {
  if (!manifests.has(folder)) {
    const path = join(folder, 'package.json');
    const manifest = existsSync(path) ? { ...JSON.parse(readFileSync(path, 'utf8')), folder: placeOf(folder) } : undefined;
    manifests.set(folder, manifest);
  }
  return manifests.get(folder);
}

/** The package that a file lies in: that of the nearest package.json above it. */
export function packageOf(filename) {
  let folder = dirname(filename);
  while (manifestIn(folder) === undefined && folder !== workspaceRoot) folder = dirname(folder);
  return manifestIn(folder);
}

/** The package at the top, whose devDependencies every spec may use. */
export const topPackage = manifestIn(workspaceRoot);

const projects = ['libs', 'apps', 'tools']
  .map((folder) => join(workspaceRoot, folder))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .concat(join(workspaceRoot, 'e2e'));

/** Every package of the workspace by name, as its package.json has it. */
const packages = new Map(
  projects
    .map(manifestIn)
    .filter((manifest) => manifest !== undefined)
    .map((manifest) => [manifest.name, manifest]),
);

/** Whether a name is that of a package of the workspace. */
export const isOurs = (name) => packages.has(name);

/** A package of the workspace that has no entry: an application, or a tool that is only run. */
export const isApp = (name) => isOurs(name) && packages.get(name).exports === undefined;

/** The name of the package that an import names: `@scope/name` of `@scope/name/deep.js`; undefined for a relative import. */
export function packageNamed(specifier) {
  if (specifier.startsWith('.') || specifier.startsWith('/')) return undefined;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Where a relative import leads, from the workspace's root. */
export function targetOf(specifier, filename) {
  return placeOf(resolve(dirname(filename), specifier));
}
