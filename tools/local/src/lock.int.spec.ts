import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import { exitCodes } from './errors.js';
import { Scratch } from './fixtures/scratch.js';
import { takeOwnerLock } from './lock.js';
import { identify } from './processes.js';

const scratch = new Scratch();

async function lockPath(): Promise<string> {
  return join(await scratch.folder(), 'owner.lock');
}

describe('takeOwnerLock', () => {
  it('is had by one at a time and again after its release', async () => {
    const path = await lockPath();
    const lock = await takeOwnerLock(path, 'here');
    await expect(takeOwnerLock(path, 'here')).rejects.toMatchObject({ exitCode: exitCodes.dataDirectoryInUse });
    await lock.release();
    await (await takeOwnerLock(path, 'here')).release();
  });

  it('is waited for while its owner is ending', async () => {
    const path = await lockPath();
    const first = await takeOwnerLock(path, 'here');
    await first.announceEnd();
    let taken = false;
    const second = takeOwnerLock(path, 'here').then((lock) => {
      taken = true;
      return lock;
    });
    await expect(eventually(() => taken, { withinMs: 300 })).rejects.toThrow();
    await first.release();
    await (await second).release();
  });

  it('is taken from a dead owner by exactly one of several that find it', async () => {
    const path = await lockPath();
    // The number is in use, by this process, but the owner that wrote it started at another time.
    await writeFile(path, JSON.stringify({ pid: process.pid, started: 'long ago', token: 'old' }));
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => takeOwnerLock(path, 'here')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is free where a full disk left an empty file', async () => {
    const path = await lockPath();
    await writeFile(path, '');
    await (await takeOwnerLock(path, 'here')).release();
  });

  it('tells a process from an earlier one with the same number by when it started', () => {
    expect(identify(process.pid)).toEqual(identify(process.pid));
    expect(identify(process.pid)?.started).not.toBe(identify(1)?.started);
  });
});
