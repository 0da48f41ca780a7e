import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyPairFiles, newKeyPair } from '@annals/tokens';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runAnnals, type Finished } from './fixtures/annals.js';
import { scanFiles } from './fixtures/file-scan.js';
import { systemForTests } from './fixtures/running-system.js';

const system = systemForTests({ durable: false, tokens: true });
let folder: string;

const signed = (...more: string[]): Promise<Finished> => runAnnals(['token', '--subject', 'staff-7', ...more]);
const withKey = (...more: string[]): Promise<Finished> => signed('--data-dir', system().dataDir, ...more);
const claimsOf = (token: string): Record<string, unknown> => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

async function post(token: string, department: string): Promise<number> {
  const body = JSON.stringify({ kind: 'person', name: { full: 'Zoë' }, meta: { department } });
  return (await fetch(`${system().url}/customers`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body })).status;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-token-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('annals token', () => {
  it('signs with the data directory\'s key what the services take: role, departments, kind and time', async () => {
    const { code, out, err } = await withKey('--role', 'agent', '--department', 'emea/uk', '--department', 'apac', '--expires', '30m');
    expect([code, err]).toEqual([0, '']);
    const token = out.trim();
    const { iat, exp, ...said } = claimsOf(token);
    expect(said).toMatchObject({ sub: 'staff-7', roles: ['agent'], departments: ['emea/uk', 'apac'], kind: 'person' });
    expect(Number(exp) - Number(iat)).toBe(1_800);
    expect([await post(token, 'emea/uk/support'), await post(token, 'apac'), await post(token, 'emea')]).toEqual([201, 201, 403]);
    const reader = (await withKey('--role', 'reader', '--department', '*')).out.trim();
    expect(await post(reader, 'emea')).toBe(403);
  }, 60_000);

  it('signs for a program', async () => {
    const { out } = await withKey('--role', 'integrator', '--department', '*', '--service');
    expect(claimsOf(out.trim())).toMatchObject({ kind: 'service', departments: ['*'] });
    expect(await post(out.trim(), 'emea')).toBe(201);
  }, 60_000);

  it('signs with a key of one\'s own, which nobody takes who was not told of it', async () => {
    const key = join(folder, 'own.key');
    await writeFile(key, newKeyPair().signing, { mode: 0o600 });
    const { code, out } = await signed('--role', 'admin', '--department', '*', '--key', key);
    expect([code, await post(out.trim(), 'emea')]).toEqual([0, 401]);
  }, 60_000);

  it('refuses a key that others can read, none, and what is no key, in a sentence', async () => {
    const [open, other] = [join(folder, 'open.key'), join(folder, 'other.key')];
    await copyFile(join(system().dataDir, keyPairFiles.signing), open);
    await chmod(open, 0o640);
    await writeFile(other, 'no key', { mode: 0o600 });
    const role = ['--role', 'reader'];
    const found = await Promise.all([open, join(folder, 'missing.key'), other].map((key) => signed(...role, '--key', key)));
    for (const { code, out, err } of found) expect([code, out, err]).toEqual([1, '', expect.stringMatching(/^The key file \S+ cannot be used\. [A-Z].*\.\n$/)]);
    expect(found[0]?.err).toContain('chmod 600');
    expect(await signed(...role)).toMatchObject({ code: 2, err: 'Say which key signs: --key FILE, or --data-dir DIR.\n' });
  }, 60_000);

  it.each([[['--role', 'king']], [['--role', 'reader', '--department', 'Emea UK']], [['--role', 'reader', '--expires', '1y']], [['--role', 'reader', '--expires', '367d']], [['--role', 'reader', '--expires', '0s']], [[]]])('takes %j for misuse', async (args) => {
    expect(await withKey(...args)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^error: /) });
  });
});

describe('a token for other commands', () => {
  it('comes from a file, named before or after the command, or from the environment, and is shown nowhere', async () => {
    const token = (await withKey('--role', 'auditor', '--department', '*')).out.trim();
    const file = join(folder, 'auditor.token');
    await writeFile(file, `${token}\n`, { mode: 0o600 });
    const url = ['--url', system().url];
    const runs = [
      await runAnnals(['status', ...url, '--token-file', file]),
      await runAnnals([...url, '--json', '--token-file', file, 'status']),
      await runAnnals(['--url', 'http://127.0.0.1:1', 'status', ...url], { ANNALS_TOKEN: token }),
    ];
    expect(runs.map(({ code, err }) => [code, err])).toEqual([[0, ''], [0, ''], [0, '']]);
    expect(runs[0]?.out).toContain('known by signed tokens');
    expect(JSON.parse(runs[1]?.out ?? '')).toMatchObject({ callers: 'token' });
    const refused = [
      await runAnnals(['status', ...url]),
      await runAnnals(['status', ...url], { ANNALS_TOKEN: `${token}x` }),
      await runAnnals(['rebuild', 'card', ...url, '--token-file', file]),
    ];
    for (const { code, out, err } of refused) expect([code, out, err]).toEqual([1, '', expect.stringMatching(/^\S+: .*\.? \([a-z-]+\)\n$/)]);
    for (const { out, err } of [...runs, ...refused]) expect(out + err).not.toContain(token);
    expect((await scanFiles(system().dataDir, [token])).hits).toEqual([]);
  }, 120_000);

  it('trains segments for a department, which a token of all has to name', async () => {
    const file = join(folder, 'admin.token');
    await writeFile(file, (await withKey('--role', 'admin', '--department', '*')).out, { mode: 0o600 });
    const train = (...more: string[]): Promise<Finished> => runAnnals(['segments', 'train', '--k', '2', '--url', system().url, '--token-file', file, ...more]);
    expect(await train()).toMatchObject({ code: 1, err: expect.stringContaining('(contract-broken)') });
    expect(await train('--department', 'Emea UK')).toMatchObject({ code: 2, err: expect.stringContaining('A department is a path') });
    // Nobody has bought anything here: what is left to be refused for is that.
    expect(await train('--department', 'emea/uk')).toMatchObject({ code: 1, err: expect.stringMatching(/^\/segments\/training: .* \((?!contract-broken)[a-z-]+\)\n$/) });
  }, 60_000);

  it('is told to be missing where its file is', async () => {
    expect(await runAnnals(['status', '--url', system().url, '--token-file', join(folder, 'none')])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('cannot be read') });
    expect(await runAnnals(['--json', 'token', '--subject', 's', '--role', 'reader'])).toMatchObject({ code: 2, err: expect.stringContaining('takes no option') });
  }, 60_000);
});
