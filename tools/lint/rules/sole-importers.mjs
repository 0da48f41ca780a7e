import { importRule } from '../imports.mjs';
import { packageNamed, placeOf } from '../places.mjs';

const schema = [{ type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } }];

/** The option names, for a package, the folders whose files may import it; other packages are free. */
export const rule = importRule('one place stands between us and this package', schema, ({ specifier, filename, options }) => {
  const named = packageNamed(specifier);
  const folders = Object.hasOwn(options, named ?? '') ? options[named] : undefined;
  if (folders === undefined || folders.some((folder) => placeOf(filename).startsWith(folder))) return undefined;
  return `${named} is imported in ${folders.join(', ')} only.`;
});
