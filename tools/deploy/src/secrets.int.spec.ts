import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes } from '@annals/local';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { makeSecrets, secretNames } from './secrets.js';

describe('the secrets of a deployment', () => {
  let folder = '';
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'annals-secrets-')), 'secrets');
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true }));

  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

  it('are made once, for nobody else to read', async () => {
    const made = await makeSecrets(folder, { server: 'db.example:5433' });
    expect(made.toSorted()).toEqual(secretNames.toSorted());
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of made) expect({ name, mode: (await stat(join(folder, name))).mode & 0o777 }).toEqual({ name, mode: 0o600 });
    expect(await read('admin-url')).toBe(`postgres://postgres:${await read('postgres-password')}@db.example:5433/postgres`);
    expect((await readFile(join(folder, 'master.key'))).length).toBe(32);
    const before = await Promise.all(made.map(read));
    expect(await makeSecrets(folder, { server: 'elsewhere:1' })).toEqual([]);
    expect(await Promise.all(made.map(read))).toEqual(before);
  });

  it('have a password of their own for each role', async () => {
    const made = (await makeSecrets(folder, { server: 'db:5432' })).filter((name) => name.endsWith('-url') && !name.startsWith('eventstoredb'));
    const passwords = await Promise.all(made.map(async (name) => new URL(await read(name)).password));
    expect(new Set(passwords).size).toBe(8);
    for (const password of passwords) expect(password).toMatch(/^[\w-]{32}$/);
  });

  it('are completed where some are missing, but never with another key for a log that is there', async () => {
    await makeSecrets(folder, { server: 'db:5432' });
    await rm(join(folder, 'grafana-password'));
    expect(await makeSecrets(folder, { server: 'db:5432' })).toEqual(['grafana-password']);
    await rm(join(folder, 'master.key'));
    await expect(makeSecrets(folder, { server: 'db:5432' })).rejects.toMatchObject({ message: expect.stringContaining('misses master.key: put it back'), exitCode: exitCodes.keysMissing });
  });

  it('leave tokens of another issuer alone', async () => {
    await makeSecrets(folder, { server: 'db:5432' });
    const verifying = await read('token.pub');
    await rm(join(folder, 'token.key'));
    expect(await makeSecrets(folder, { server: 'db:5432' })).toEqual([]);
    expect(await read('token.pub')).toBe(verifying);
  });
});
