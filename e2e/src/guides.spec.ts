import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { makeDemonstration } from '@annals/local';
import { itWhere } from '@annals/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { guideOf, guides, runGuide, type Guide } from './fixtures/guide.js';
import { systemForTests } from './fixtures/running-system.js';

// Neither is needed to run or to test the rest, so a machine may lack them.
const itWithCurl = itWhere(['bash', 'curl'].every((name) => spawnSync(name, ['--version']).status === 0), 'bash and curl');
const all = await guides();
const open = all.filter(({ withTokens }) => !withTokens);
const closed = all.filter(({ withTokens }) => withTokens);

async function expectToWork(guide: Guide, system: Parameters<typeof runGuide>[1]): Promise<void> {
  const { out, failure } = await runGuide(guide, system);
  expect(failure).toBeUndefined();
  for (const { line, answer } of guide.blocks) {
    if (answer !== undefined) expect({ line, answer: JSON.parse(out.get(line) ?? 'null') as unknown }).toMatchObject({ line, answer });
  }
}

describe('README and guides', () => {
  it('say of each block that is not run why', () => {
    expect(all.map(({ path }) => path)).toEqual(expect.arrayContaining(['README.md', 'docs/guides/integrate-a-channel.md']));
    const withoutReason = all.flatMap(({ path, blocks }) => blocks.filter(({ notRun }) => notRun === '').map(({ line }) => `${path}:${line}`));
    expect(withoutReason).toEqual([]);
  });

  it('are read for blocks with their lines, files, answers and what is not run', () => {
    const read = guideOf('a.md', 'A\n```sh\na\nb\n```\n\n```json\n{"c": 1}\n```\n<!-- not run: it ends the system -->\n```sh\nd\n```\n```csv e.csv\nf\n```\n<!-- not run -->\n```sh\n```\n');
    expect(read.blocks).toEqual([
      { line: 2, commands: 'a\nb\n', notRun: undefined, answer: { c: 1 } },
      { line: 11, commands: 'd\n', notRun: 'it ends the system', answer: undefined },
      { line: 18, commands: '', notRun: '', answer: undefined },
    ]);
    expect([...read.files]).toEqual([['e.csv', 'f\n']]);
  });
});

describe('the commands of', () => {
  const system = systemForTests({ durable: false, demo: true });
  beforeAll(() => makeDemonstration(system(), { root: join(import.meta.dirname, '../..'), report: () => undefined }), 120_000);

  for (const guide of open) itWithCurl(`${guide.path} do what it says`, () => expectToWork(guide, system()), 100_000);
});

describe('where callers have tokens, the commands of', () => {
  const system = systemForTests({ durable: false, tokens: true });

  for (const guide of closed) itWithCurl(`${guide.path} do what it says`, () => expectToWork(guide, system()), 100_000);
});
