import { importRule } from '../imports.mjs';
import { isApp, isOurs, packageNamed } from '../places.mjs';

const description = 'another package of the workspace is imported by its name, and only if it has an entry';

export const rule = importRule(description, [], ({ specifier }) => {
  const named = packageNamed(specifier);
  if (!isOurs(named)) return undefined;
  if (isApp(named)) return `${named} is an application: nothing imports it.`;
  return specifier === named ? undefined : `Import ${named} by its name alone: ${specifier} reaches into it.`;
});
