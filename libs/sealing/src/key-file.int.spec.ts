import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { UnusableKeyFile, readKeyFile } from './key-file.js';

describe('readKeyFile', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'annals-keys-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function file(bytes: number, mode: number): Promise<string> {
    const path = join(folder, 'key');
    await writeFile(path, Buffer.alloc(bytes, 7));
    await chmod(path, mode);
    return path;
  }

  it.each([0o600, 0o400])('reads 32 bytes of mode %o', async (mode) => {
    expect(await readKeyFile(await file(32, mode))).toEqual(Buffer.alloc(32, 7));
  });

  it.each([0, 31, 33, 64])('refuses %i bytes', async (bytes) => {
    await expect(readKeyFile(await file(bytes, 0o600))).rejects.toThrow(`holds ${bytes} bytes where a key has 32`);
  });

  it.each([0o604, 0o644, 0o660, 0o610, 0o666])('refuses mode %o, with what to do', async (mode) => {
    await expect(readKeyFile(await file(32, mode))).rejects.toThrow(new RegExp(`mode 0${mode.toString(8)}\\): chmod 600`));
  });

  it('lets a group read what root owns, and nothing else', async () => {
    const path = await file(32, 0o640);
    if (process.getuid?.() === 0) {
      expect(await readKeyFile(path)).toHaveLength(32);
      await chown(path, 65_534, 65_534);
    }
    await expect(readKeyFile(path)).rejects.toThrow(/mode 0640\): chmod 600/);
  });

  it('names a file that is not there', async () => {
    const missing = readKeyFile(join(folder, 'none'));
    await expect(missing).rejects.toThrow(UnusableKeyFile);
    await expect(missing).rejects.toThrow(/none cannot be read/);
  });
});
