import { packageOf, placeOf } from '../places.mjs';

/** A lib's `src/index.ts` is its one table of contents; anywhere else a reader goes straight to the file. */
export const rule = {
  meta: { type: 'problem', docs: { description: "no index.ts and no re-export beyond a lib's one entry" }, schema: [] },
  create(context) {
    const place = placeOf(context.filename);
    const own = packageOf(context.filename);
    if (own?.exports !== undefined && place === `${own.folder}/src/index.ts`) return {};
    const reExport = (node) => context.report({ node, message: 'Import this where it is needed: only src/index.ts of a lib re-exports.' });
    return {
      Program(node) {
        if (/\/index\.[a-z]+$/.test(place)) context.report({ node, message: 'Only src/index.ts of a lib is an index.' });
      },
      ExportAllDeclaration: reExport,
      'ExportNamedDeclaration[source]': reExport,
    };
  },
};
