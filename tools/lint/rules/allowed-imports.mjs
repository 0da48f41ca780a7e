import { importRule } from '../imports.mjs';
import { packageNamed, placeOf, targetOf } from '../places.mjs';

const schema = [
  {
    type: 'object',
    properties: {
      packages: { type: 'array', items: { type: 'string' } },
      within: { type: 'string' },
    },
    required: ['packages', 'within'],
    additionalProperties: false,
  },
];

/** Relative imports stay within the folder that `within` (a regular expression) finds in the file's place; packages are these only. */
export const rule = importRule('a file of this folder imports the listed packages and its own folder', schema, ({ specifier, filename, options }) => {
  const named = packageNamed(specifier);
  if (named !== undefined) {
    if (options.packages.includes(named)) return undefined;
    const list = options.packages.length > 0 ? options.packages.join(', ') : 'no package';
    return `Here ${list} may be imported, not ${specifier}.`;
  }
  const folder = new RegExp(options.within).exec(placeOf(filename))?.[0];
  return folder !== undefined && targetOf(specifier, filename).startsWith(folder) ? undefined : `${specifier} lies outside ${folder}.`;
});
