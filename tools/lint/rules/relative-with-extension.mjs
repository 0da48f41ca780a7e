import { importRule } from '../imports.mjs';

export const rule = importRule('a relative import names the file as Node will find it', [], ({ specifier }) =>
  specifier.startsWith('.') && !/\.(?:js|mjs|json)$/.test(specifier) ? `${specifier} ends in no .js: Node will not find it.` : undefined,
);
