import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'rules');

/** The rules of this repository, each in the file that has its name: `annals/no-banner` is rules/no-banner.mjs. */
export const annals = {
  meta: { name: 'annals' },
  rules: Object.fromEntries(
    await Promise.all(
      readdirSync(folder).map(async (file) => [file.replace(/\.mjs$/, ''), (await import(join(folder, file))).rule]),
    ),
  ),
};
