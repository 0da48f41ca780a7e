import nxPlugin from '@nx/eslint-plugin';
import { createProjectGraphAsync, readCachedProjectGraph } from '@nx/devkit';
import tsdoc from 'eslint-plugin-tsdoc';
import tseslint from 'typescript-eslint';
import { annals } from './tools/lint/plugin.mjs';
import { boundaries, specBoundaries } from './tools/lint/boundaries.mjs';
import { programOf } from './tools/lint/program.mjs';

// Under nx, ESLint lints one project and ends; elsewhere it is an editor, or somebody who lints a file by hand.
const underNx = process.env.NX_TASK_TARGET_PROJECT !== undefined;

// The boundaries rule reads the graph that the last nx command left behind, and skips itself where there is none.
// Under nx it is fresh; elsewhere make it so, and fail rather than skip.
if (!underNx) await createProjectGraphAsync();
readCachedProjectGraph();

const types = underNx ? { programs: [programOf(process.cwd())] } : { projectService: true, tsconfigRootDir: import.meta.dirname };

const typescript = ['**/*.ts'];
const specs = ['**/*.spec.ts', '**/src/contract-suite/**/*.ts', '**/src/fixtures/**/*.ts', 'e2e/src/**/*.ts'];
const cores = ['apps/*/src/core/**/*.ts'];
const product = ['libs/*/src/**/*.ts', 'apps/*/src/**/*.ts'];

const core = (packages) => ['error', { packages, within: '^apps/[^/]+/src/core/' }];
const onlyFrom = (lib, packages) => ['error', { packages, within: `^libs/${lib}/src/` }];
const forTests = ['@annals/testing', '@jest/globals', 'fast-check'];

export default [
  { ignores: ['**/dist/**', '**/.results/**', '**/.annals/**', 'tools/lint-fixtures/fixtures/**'] },
  // A comment that turns a rule off does nothing and is itself reported.
  { linterOptions: { noInlineConfig: true } },

  // Size and style, in every file.
  {
    files: ['**/*.ts', '**/*.mjs', '**/*.js'],
    plugins: { annals },
    rules: {
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 60, IIFEs: true }],
      complexity: ['error', { max: 8, variant: 'modified' }],
      'max-params': ['error', { max: 4 }],
      'no-empty': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'anywhere' }],
      'annals/no-banner': 'error',
      'annals/no-default-export': 'error',
      'annals/declared-imports': 'error',
      'annals/package-entry': 'error',
      'annals/relative-with-extension': 'error',
      'annals/no-barrel': 'error',
      'annals/no-built-sql': 'error',
      'annals/sole-importers': [
        'error',
        {
          kafkajs: ['libs/messaging/', 'libs/testing/', 'tools/'],
          '@eventstore/db-client': ['libs/event-store/', 'libs/testing/'],
          'ml-kmeans': ['libs/segmentation/'],
          jose: ['libs/tokens/'],
          pg: ['libs/event-store/', 'libs/messaging/', 'libs/provisioning/', 'libs/sealing/', 'libs/read-models/', 'libs/testing/', 'tools/'],
          typeorm: ['apps/projections/', 'apps/analytics/', 'apps/communications/', 'libs/read-models/'],
          '@nestjs/typeorm': ['apps/projections/', 'apps/analytics/', 'libs/read-models/'],
        },
      ],
    },
  },

  // What only TypeScript can tell.
  {
    files: typescript,
    languageOptions: { parser: tseslint.parser, parserOptions: types },
    plugins: { '@typescript-eslint': tseslint.plugin, '@nx': nxPlugin },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, varsIgnorePattern: '^_$' }],
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      'annals/no-double-assertion': 'error',
      '@nx/enforce-module-boundaries': ['error', boundaries],
    },
  },

  // Product code: what a service, the CLI or a lib is made of.
  {
    files: product,
    ignores: specs,
    rules: { 'no-restricted-imports': ['error', { patterns: ['**/contract-suite/**', '**/fixtures/**', '**/*.spec.js'] }], 'annals/constant-time': 'error' },
  },
  { files: product, ignores: ['apps/cli/**', ...specs], rules: { 'no-console': 'error' } },
  {
    files: product,
    ignores: ['apps/*/src/config.ts', 'libs/testing/**', '**/*.int.spec.ts'],
    rules: { 'annals/no-environment': 'error' },
  },
  {
    files: ['libs/*/src/**/*.ts'],
    ignores: specs,
    plugins: { tsdoc },
    rules: { 'annals/documented-exports': 'error', 'tsdoc/syntax': 'error' },
  },
  {
    files: ['libs/contracts/src/**/*.ts'],
    ignores: ['libs/contracts/src/text.ts', ...specs],
    rules: { 'annals/marked-text': 'error' },
  },

  // Folders that may import next to nothing.
  { files: ['libs/kernel/src/**/*.ts'], ignores: specs, rules: { 'annals/allowed-imports': onlyFrom('kernel', []) } },
  {
    files: ['libs/contracts/src/**/*.ts'],
    ignores: specs,
    rules: { 'annals/allowed-imports': onlyFrom('contracts', ['@annals/kernel', 'libphonenumber-js', 'zod']) },
  },
  {
    files: cores,
    rules: { 'annals/pure-core': 'error', 'annals/allowed-imports': core(['@annals/kernel', '@annals/contracts']) },
  },
  {
    files: cores.map((glob) => glob.replace('*.ts', '*.spec.ts')),
    rules: { 'annals/allowed-imports': core(['@annals/kernel', '@annals/contracts', ...forTests]) },
  },

  // Specs.
  {
    files: specs,
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': 'off',
      'annals/test-titles': 'error',
      'annals/no-skipped-test': 'error',
      'annals/no-sleep': 'error',
      '@nx/enforce-module-boundaries': ['error', specBoundaries],
    },
  },

  // Tools that are configured by a default export.
  { files: ['**/*.config.mjs', '**/*.config.ts'], rules: { 'annals/no-default-export': 'off' } },
];
