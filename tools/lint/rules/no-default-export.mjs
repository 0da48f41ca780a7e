import { forbid } from '../forbid.mjs';

const message = 'A default export is named anew by every importer. Export it by its name.';

export const rule = forbid('exports have names', {
  ExportDefaultDeclaration: message,
  'ExportSpecifier:matches([exported.name="default"], [exported.value="default"])': message,
});
