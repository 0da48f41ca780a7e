import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Scratch } from './fixtures/scratch.js';
import { LogFile } from './log-file.js';

const scratch = new Scratch();

describe('LogFile', () => {
  it('keeps the last text in at most two files of bounded size', async () => {
    const folder = await scratch.folder();
    const log = new LogFile(join(folder, 'a.log'), 100);
    for (let line = 0; line < 1_000; line += 1) log.write(`line ${line}\n`);
    log.close();
    expect((await readdir(folder)).sort()).toEqual(['a.log', 'a.log.1']);
    const text = (await readFile(join(folder, 'a.log.1'), 'utf8')) + (await readFile(join(folder, 'a.log'), 'utf8'));
    expect(text.length).toBeLessThan(220);
    expect(text).toMatch(/line 998\nline 999\n$/);
  });

  it('goes on where an earlier run ended', async () => {
    const path = join(await scratch.folder(), 'a.log');
    for (const text of ['one\n', 'two\n']) {
      const log = new LogFile(path);
      log.write(text);
      log.close();
      log.write('too late\n');
    }
    expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
  });
});
