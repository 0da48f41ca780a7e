import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import { Scratch } from './fixtures/scratch.js';
import { isAlive } from './processes.js';

const scratch = new Scratch();

describe('watchNpm', () => {
  it('notices that npm was killed, though a shell lies between', async () => {
    const file = join(await scratch.folder(), 'told');
    const { child, said } = await scratch.run('as-npm.mjs', file);
    child.kill('SIGKILL');
    await eventually(async () => expect(await readFile(file, 'utf8')).toBe('gone'));
    await eventually(() => expect(isAlive(Number(said['pid']))).toBe(false));
  });
});
