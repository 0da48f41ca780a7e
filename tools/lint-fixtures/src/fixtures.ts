import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const BOUNDARIES = '@nx/enforce-module-boundaries';

/** Reports many an import that another rule refuses; whether it does depends on what that package.json declares today. */
export const UNDECLARED = 'annals/declared-imports';

/** A file with one violation, in a folder that mirrors the place it pretends to lie at. */
export interface Fixture {
  readonly file: string;
  /** Exactly the rules that report it, but for UNDECLARED where that is not named. */
  readonly rules: readonly string[];
  /** Where the same text is allowed. Without it, the text is allowed here once the lines marked as violation are gone. */
  readonly allowedAt?: string;
}

const refused = (file: string, ...rules: string[]): Fixture => ({ file, rules });

/** Every rule of eslint.config.mjs is here, or fixtures.spec.ts fails. */
export const fixtures: readonly Fixture[] = [
  refused('apps/customers/src/reaches-into-another-app.ts', BOUNDARIES),
  refused('apps/customers/src/imports-another-app.ts', 'annals/package-entry'),
  refused('apps/customers/src/imports-tools.ts', BOUNDARIES),
  {
    file: 'apps/customers/src/imports-testing.ts',
    rules: [BOUNDARIES],
    allowedAt: 'apps/customers/src/imports-testing.spec.ts',
  },
  refused('apps/cli/src/imports-service.ts', BOUNDARIES),
  refused('apps/gateway/src/imports-event-store.ts', BOUNDARIES),
  refused('apps/projections/src/imports-segmentation.ts', BOUNDARIES),
  refused('libs/contracts/src/imports-event-store.ts', BOUNDARIES, 'annals/allowed-imports'),
  refused('libs/event-store/src/imports-contracts.ts', BOUNDARIES),
  refused('libs/kernel/src/imports-contracts.ts', BOUNDARIES, 'annals/allowed-imports'),
  refused('libs/read-models/src/reaches-into-an-app.ts', BOUNDARIES),
  refused('libs/sealing/src/imports-service.ts', BOUNDARIES),
  refused('libs/segmentation/src/imports-kernel.ts', BOUNDARIES),
  refused('libs/service/src/imports-read-models.ts', BOUNDARIES),

  refused('libs/kernel/src/imports-a-package.ts', 'annals/allowed-imports'),
  refused('libs/contracts/src/imports-node.ts', 'annals/allowed-imports'),
  refused('apps/customers/src/core/imports-service.ts', 'annals/allowed-imports'),
  refused('apps/customers/src/core/imports-node.ts', 'annals/allowed-imports'),
  refused('apps/customers/src/core/leaves-the-core.ts', 'annals/allowed-imports'),
  refused('apps/customers/src/core/reads-files.spec.ts', 'annals/allowed-imports'),

  refused('apps/projections/src/imports-kafkajs.ts', 'annals/sole-importers'),
  refused('libs/read-models/src/imports-db-client.ts', 'annals/sole-importers'),
  refused('apps/analytics/src/imports-ml-kmeans.ts', 'annals/sole-importers'),
  refused('apps/analytics/src/imports-pg.ts', 'annals/sole-importers'),
  refused('libs/sealing/src/imports-typeorm.ts', 'annals/sole-importers'),
  refused('apps/customers/src/imports-nestjs-typeorm.ts', 'annals/sole-importers'),

  refused('apps/customers/src/imports-undeclared.ts', UNDECLARED),
  refused('apps/customers/src/imports-deep.ts', 'annals/package-entry'),
  refused('apps/customers/src/imports-without-extension.ts', 'annals/relative-with-extension'),
  refused('libs/event-store/src/imports-spec-support.ts', 'no-restricted-imports'),
  {
    file: 'apps/customers/src/core/index.ts',
    rules: ['annals/no-barrel'],
    allowedAt: 'apps/customers/src/core/customer.ts',
  },
  {
    file: 'libs/sealing/src/re-exports.ts',
    rules: ['annals/no-barrel'],
    allowedAt: 'libs/sealing/src/index.ts',
  },

  refused('apps/customers/src/core/uses-clock.ts', 'annals/pure-core'),
  refused('apps/customers/src/core/uses-todays-date.ts', 'annals/pure-core'),
  refused('apps/customers/src/core/uses-chance.ts', 'annals/pure-core'),
  refused('apps/customers/src/core/uses-process.ts', 'annals/pure-core'),
  refused('apps/customers/src/core/uses-timer.ts', 'annals/pure-core'),
  refused('apps/customers/src/core/uses-network.ts', 'annals/pure-core'),
  refused('apps/customers/src/core/makes-an-id.ts', 'annals/pure-core'),

  {
    file: 'apps/customers/src/reads-environment.ts',
    rules: ['annals/no-environment'],
    allowedAt: 'apps/customers/src/config.ts',
  },
  refused('libs/sealing/src/reads-environment.ts', 'annals/no-environment'),

  refused('libs/contracts/src/unmarked-string.ts', 'annals/marked-text'),
  refused('libs/contracts/src/unmarked-any.ts', 'annals/marked-text'),
  refused('libs/contracts/src/unmarked-unknown.ts', 'annals/marked-text'),
  refused('libs/contracts/src/unmarked-email.ts', 'annals/marked-text'),
  refused('libs/contracts/src/unmarked-by-another-name.ts', 'annals/marked-text'),
  refused('libs/contracts/src/unmarked-by-another-zod.ts', 'annals/marked-text'),
  refused('libs/contracts/src/unmarked-by-taking-zod-apart.ts', 'annals/marked-text'),

  {
    file: 'apps/customers/src/too-many-lines.ts',
    rules: ['max-lines'],
    allowedAt: 'apps/customers/src/too-many-lines-elsewhere.spec.ts',
  },
  refused('apps/customers/src/too-many-lines.spec.ts', 'max-lines'),
  refused('apps/customers/src/function-too-long.ts', 'max-lines-per-function'),
  refused('apps/customers/src/too-complex.ts', 'complexity'),
  refused('apps/customers/src/too-many-parameters.ts', 'max-params'),
  refused('apps/customers/src/writes-to-the-console.ts', 'no-console'),
  refused('apps/customers/src/swallows-an-error.ts', 'no-empty'),
  refused('apps/customers/src/leaves-work.ts', 'no-warning-comments'),
  refused('apps/customers/src/has-a-banner.ts', 'annals/no-banner'),
  refused('apps/customers/src/turns-a-rule-off.ts', 'noInlineConfig'),
  refused('apps/customers/src/silences-the-compiler.ts', '@typescript-eslint/ban-ts-comment'),
  refused('apps/customers/src/exports-a-default.ts', 'annals/no-default-export'),
  refused('apps/customers/src/uses-any.ts', '@typescript-eslint/no-explicit-any'),
  refused('apps/customers/src/compares-secrets.ts', 'annals/constant-time'),
  refused('apps/customers/src/compares-tokens.ts', 'annals/constant-time'),
  refused('apps/customers/src/compares-signatures.ts', 'annals/constant-time'),
  refused('apps/customers/src/asserts-twice.ts', 'annals/no-double-assertion'),
  refused('apps/customers/src/has-dead-code.ts', '@typescript-eslint/no-unused-vars'),
  refused('apps/customers/src/forgets-a-promise.ts', '@typescript-eslint/no-floating-promises'),
  refused('apps/customers/src/awaits-a-number.ts', '@typescript-eslint/await-thenable'),
  refused('apps/customers/src/tests-a-promise.ts', '@typescript-eslint/no-misused-promises'),

  refused('apps/projections/src/builds-sql.ts', 'annals/no-built-sql'),
  refused('apps/projections/src/adds-up-sql.ts', 'annals/no-built-sql'),
  refused('apps/projections/src/names-built-sql.ts', 'annals/no-built-sql'),

  refused('libs/sealing/src/exports-without-a-word.ts', 'annals/documented-exports'),
  refused('libs/sealing/src/documents-badly.ts', 'tsdoc/syntax'),

  refused('apps/customers/src/says-should.spec.ts', 'annals/test-titles'),
  refused('apps/customers/src/says-should-each.spec.ts', 'annals/test-titles'),
  refused('apps/customers/src/runs-one-test.spec.ts', 'annals/no-skipped-test'),
  refused('apps/customers/src/skips-a-test.spec.ts', 'annals/no-skipped-test'),
  refused('apps/customers/src/sleeps.int.spec.ts', 'annals/no-sleep'),
];

/** Where the fixtures lie. */
export const folder = resolve(import.meta.dirname, '../fixtures');

/** The fixture as it is, at the place that it pretends to lie at. */
export const violating = ({ file }: Fixture) => ({ place: file, text: readFileSync(join(folder, file), 'utf8') });

/** The same without the violation: elsewhere, or with every line marked `// violation` dropped or replaced by what follows `instead:`. */
export function allowed(fixture: Fixture): { place: string; text: string } {
  const { place, text } = violating(fixture);
  if (fixture.allowedAt !== undefined) return { place: fixture.allowedAt, text };
  const lines = text.split('\n').flatMap((line) => {
    if (!/\bviolation\b/.test(line)) return [line];
    const instead = /; instead: (.*)$/.exec(line)?.[1];
    return instead === undefined ? [] : [instead];
  });
  return { place, text: lines.join('\n') };
}
