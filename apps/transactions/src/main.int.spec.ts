import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { postgresForTests, settingsForTests } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';

const postgres = postgresForTests();
const settings = settingsForTests(postgres);
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

interface Process {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stderr: string; stdout: string }>;
}

function start(env: Readonly<Record<string, string>>): Process {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data: Buffer) => (text.stdout += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (text.stderr += data.toString()));
  // Not 'close', which a parent that has disconnected never sees.
  const ended = Promise.all([once(child, 'exit'), ...[child.stdout, child.stderr].map((stream) => stream && once(stream, 'end'))]).then(() => ({
    code: child.exitCode,
    ...text,
  }));
  return { child, ended };
}

async function ready({ child }: Process): Promise<number> {
  const [{ ready: isReady, port }] = (await once(child, 'message')) as [{ ready?: boolean; port: number }];
  expect(isReady).toBe(true);
  return port;
}

describe('the process of a service', () => {
  it('tells its parent where it listens, logs JSON without what was said, and ends in order when asked', async () => {
    const service = start({ ...settings() });
    const port = await ready(service);
    const response = await fetch(`http://127.0.0.1:${port}/transactions/018f0000-0000-7000-8000-000000000001/history?limit=5`);
    expect(response.status).toBe(404);
    expect(response.headers.get('server')).toBeNull();
    service.child.kill('SIGTERM');
    const { code, stdout, stderr } = await service.ended;
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trim().split('\n').map((line): Record<string, unknown> => JSON.parse(line));
    expect(lines.find(({ route }) => route !== undefined)).toMatchObject({ level: 'info', service: 'transactions', method: 'GET', route: '/transactions/:id/history', status: 404, ms: expect.any(Number), correlation: expect.any(String) });
    expect(stdout).not.toMatch(/018f0000|limit=/);
  }, 60_000);

  it('answers what is under way before it ends', async () => {
    const service = start({ ...settings() });
    const port = await ready(service);
    const body = Array.from({ length: 500 }, (_, index) => JSON.stringify({ kind: 'order', number: String(index), issuedOn: '2024-01-01', currency: 'GBP', lines: [], totalMinor: 0 })).join('\n');
    const response = await fetch(`http://127.0.0.1:${port}/transactions/batch`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body });
    service.child.kill('SIGINT');
    const lines = (await response.text()).trim().split('\n');
    expect(lines).toHaveLength(500);
    expect(lines.every((line) => line.includes('"outcome":"created"'))).toBe(true);
    expect((await service.ended).code).toBe(0);
  }, 60_000);

  it('ends when its parent is gone', async () => {
    const service = start({ ...settings() });
    await ready(service);
    service.child.disconnect();
    expect((await service.ended).code).toBe(0);
  }, 60_000);

  it('says in a sentence what keeps it from starting', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = String(typeof address === 'object' ? address?.port : '');
    const good = settings();
    const ends = await Promise.all(
      [
        { ...good, EVENT_STORE_URL: '' },
        { ...good, HOST: '0.0.0.0' },
        { ...good, PORT: port },
        { ...good, MASTER_KEY_FILE: good.DEPLOYMENT_KEY_FILE },
        { ...good, DEPLOYMENT_KEY_FILE: '/nowhere' },
      ].map((env) => start(env).ended),
    );
    taken.close();
    expect(ends.map(({ code, stderr }) => [code, stderr.split('\n').length, stderr])).toEqual([
      [2, 2, expect.stringMatching(/^transactions: EVENT_STORE_URL is not valid/)],
      [2, 2, expect.stringMatching(/^transactions: HOST is 0\.0\.0\.0: where callers are not known by tokens/)],
      [1, 2, expect.stringMatching(/^transactions: the port is taken/)],
      [1, 2, expect.stringMatching(/^transactions: .*key/)],
      [1, 2, expect.stringMatching(/^transactions: the key file \/nowhere cannot be read/)],
    ]);
  }, 60_000);
});
