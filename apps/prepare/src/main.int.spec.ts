import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { freePort } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

async function run(env: Readonly<Record<string, string>>): Promise<{ code: unknown; stderr: string }> {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code, stderr };
}

describe('the process that prepares', () => {
  it('says in a sentence what is not set, and ends with 2', async () => {
    expect(await run({})).toEqual({ code: 2, stderr: 'prepare: ADMIN_URL is not set.\n' });
  });

  it('says in a sentence that PostgreSQL is away, without a password, and ends with 1', async () => {
    const url = `postgres://role:secret@127.0.0.1:${await freePort()}/database`;
    const names = ['ADMIN_URL', 'KEYS_OWNER_URL', 'KEY_STORE_URL', 'KEY_STORE_READER_URL', 'DATABASE_URL'];
    const urls = Object.fromEntries(names.map((name, index) => [name, url.replace('role', `role${index}`)]));
    const { code, stderr } = await run(urls);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^prepare: PostgreSQL did not let the keys be prepared: (?!.*secret)[^\n]*ECONNREFUSED[^\n]*\n$/);
  });
});
