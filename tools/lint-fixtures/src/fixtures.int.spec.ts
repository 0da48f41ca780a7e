import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UNDECLARED, allowed, fixtures, folder, violating } from './fixtures.js';

interface Report {
  /** None where the text does not parse. */
  readonly rule?: string;
  readonly line: number;
  readonly message: string;
}

interface Answer {
  /** Rules that eslint.config.mjs turns on. */
  readonly rules: readonly string[];
  /** For each batch, for each of its files, what was reported. */
  readonly reports: readonly (readonly (readonly Report[])[])[];
}

const script = join(import.meta.dirname, 'lint-in-place.mjs');

/** ESLint runs in a process of its own: jest's modules are not Node's, and ESLint loads its configuration as a module. */
function lint(batches: readonly (readonly { place: string; text: string }[])[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [script], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(JSON.parse(stdout) as Answer);
    });
    child.stdin?.end(JSON.stringify(batches));
  });
}

let answer: Answer;

beforeAll(async () => {
  answer = await lint([fixtures.map(violating), fixtures.map(allowed)]);
}, 300_000);

describe('a file with one violation', () => {
  it.each(fixtures.map(({ file, rules }, index) => ({ file, rules, index })))('$file is reported', ({ rules, index }) => {
    const reported = new Set(answer.reports[0]?.[index]?.map(({ rule }) => rule));
    if (!rules.includes(UNDECLARED)) reported.delete(UNDECLARED);
    expect([...reported].sort()).toEqual([...rules].sort());
  });
});

describe('the same file without the violation', () => {
  it.each(fixtures.map(({ file }, index) => ({ file, index })))('$file passes', ({ index }) => {
    expect(answer.reports[1]?.[index]).toEqual([]);
  });
});

it('shows every rule in force red', () => {
  const shown = new Set(fixtures.flatMap(({ rules }) => rules));
  expect(answer.rules.filter((rule) => !shown.has(rule))).toEqual([]);
});

it('lists every fixture', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  expect(files.sort()).toEqual(fixtures.map(({ file }) => file).sort());
});
