import { isBuiltin } from 'node:module';
import { importRule } from '../imports.mjs';
import { isApp, packageNamed, packageOf, placeOf, topPackage } from '../places.mjs';

const forSpecs = /\.spec\.ts$|^libs\/testing\/|^e2e\/|\/src\/(?:contract-suite|fixtures)\//;

/** Specs may use `@annals/testing` undeclared: declared, it would be a cycle. What they run may use its own package by name. */
function declared(own, place) {
  const shipped = { ...own.dependencies, ...own.optionalDependencies };
  const forTests = { ...own.devDependencies, ...topPackage.devDependencies, '@annals/testing': '*', [own.name]: '*' };
  return own === topPackage || forSpecs.test(place) ? { ...shipped, ...forTests } : shipped;
}

/**
 * The project graph, and with it the order of builds and what a cached result depends on, is made of what
 * each package.json declares. Applications are left to package-entry.
 */
export const rule = importRule('a package imports what its own package.json declares', [], ({ specifier, filename }) => {
  const named = packageNamed(specifier);
  if (named === undefined || isBuiltin(specifier) || isApp(named)) return undefined;
  const own = packageOf(filename);
  const message = `${named} is not a dependency in ${own.folder || '.'}/package.json.`;
  return Object.hasOwn(declared(own, placeOf(filename)), named) ? undefined : message;
});
