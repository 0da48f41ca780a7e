import { once } from 'node:events';
import { copyFile, mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, freePort } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import { exitCodes } from './errors.js';
import { Scratch, query } from './fixtures/scratch.js';
import { isAlive } from './processes.js';
import type { ServiceDefinition } from './services.js';
import { startSystem, type System, type SystemOptions } from './system.js';

const scratch = new Scratch();

interface Setting {
  readonly dataDir: string;
  readonly services: ServiceDefinition[];
  readonly env: Record<string, string>;
  /** Names of services in the order in which they ended after SIGTERM. */
  endings(): Promise<string[]>;
}

/** A data directory and two services, each a file of its own name made from one fixture. */
async function setting(env: Record<string, string> = {}): Promise<Setting> {
  const folder = await scratch.folder();
  await mkdir(join(folder, 'services'));
  const services: ServiceDefinition[] = [];
  for (const name of ['ledger', 'gateway']) {
    const entry = join(folder, 'services', `${name}.mjs`);
    await copyFile(fileURLToPath(new URL('fixtures/service.mjs', import.meta.url)), entry);
    services.push({ name, entry });
  }
  const endings = join(folder, 'endings');
  return {
    dataDir: join(folder, 'data'),
    services,
    env: { ENDINGS: endings, ...env },
    endings: async () => (await readFile(endings, 'utf8')).trim().split('\n'),
  };
}

function start(its: Setting, more: Partial<SystemOptions> = {}): Promise<System> {
  return startSystem({ dataDir: its.dataDir, services: its.services, env: its.env, durable: false, ...more });
}

async function environmentOf(url: string | undefined): Promise<Record<string, string>> {
  return (await (await fetch(`${url}/environment`)).json()) as Record<string, string>;
}

function nothingRuns(pids: Readonly<Record<string, number>>): void {
  expect(Object.values(pids).filter(isAlive)).toEqual([]);
}

describe('startSystem', () => {
  it('asks for tokens from the start that says so on, until one says otherwise', async () => {
    const its = await setting();
    for (const [asked, kept] of [[undefined, false], [true, true], [undefined, true], [false, false], [undefined, false]] as const) {
      const system = await start(its, asked === undefined ? {} : { tokens: asked });
      const asks = 'TOKEN_PUBLIC_KEY_FILE' in (await environmentOf(system.url));
      await system.stop({ quickly: true });
      expect([asked, system.tokens, asks]).toEqual([asked, kept, kept]);
    }
  });

  it('brings up databases, then every service with what it needs to know, and tells of each', async () => {
    const its = await setting();
    const lines: string[] = [];
    const reader = { name: 'reader', entry: join(dirname(String(its.services[0]?.entry)), 'reader.mjs'), readsOnly: true };
    const counts = { name: 'counts', entry: join(dirname(reader.entry), 'counts.mjs'), withoutKeys: true };
    for (const { entry } of [reader, counts]) await copyFile(String(its.services[0]?.entry), entry);
    const system = await start(its, { services: [...its.services, reader, counts], report: (line) => lines.push(line), demo: true });
    const door = await environmentOf(system.url);
    expect(door).toMatchObject({ HOST: '127.0.0.1', LEDGER_URL: system.serviceUrls['ledger'], ANNALS_DEMO: '1' });
    for (const secret of ['EVENT_STORE_URL', 'DATABASE_URL', 'KEY_STORE_URL', 'MASTER_KEY_FILE']) expect(door).not.toHaveProperty(secret);
    const ledger = await environmentOf(system.serviceUrls['ledger']);
    expect(ledger).toMatchObject({ EVENT_STORE_URL: system.databases.eventStore, DATABASE_URL: system.databases.readModels, KEY_STORE_URL: system.databases.keyStore });
    expect(ledger).not.toHaveProperty('LEDGER_URL');
    const reads = await environmentOf(system.serviceUrls['reader']);
    expect(reads).toMatchObject({ EVENT_STORE_URL: system.databases.eventStoreReader, KEY_STORE_URL: system.databases.keyStoreReader });
    const keyless = await environmentOf(system.serviceUrls['counts']);
    for (const secret of ['KEY_STORE_URL', 'MASTER_KEY_FILE']) expect(keyless).not.toHaveProperty(secret);
    expect(await query(system.databases.eventStoreReader, 'select current_user as me')).toEqual([{ me: 'log_reader' }]);
    expect(await query(system.databases.eventStore, 'select current_user as me')).toEqual([{ me: 'log_app' }]);
    await expect(query(system.databases.keyStore.replace(/keys$/, 'log'), 'select 1')).rejects.toThrow(/permission denied/);
    for (const name of ['postgresql', 'ledger', 'gateway']) expect(lines).toContainEqual(expect.stringMatching(`^${name} is ready`));
    await eventually(() => expect(lines).toContain('ledger: take care'));
    expect(lines).not.toContain('ledger: hello');
    expect(await readFile(join(its.dataDir, 'logs/ledger.log'), 'utf8')).toContain('hello');
    await system.stop();
  });

  it('makes keys that nobody else may read and refuses a log without them', async () => {
    const its = await setting();
    await (await start(its)).stop();
    for (const name of ['master.key', 'deployment.key']) {
      const { mode, size } = await stat(join(its.dataDir, name));
      expect({ mode: mode & 0o777, size }).toEqual({ mode: 0o600, size: 32 });
    }
    await rm(join(its.dataDir, 'master.key'));
    await expect(start(its)).rejects.toMatchObject({ exitCode: exitCodes.keysMissing, message: expect.stringContaining('master.key') });
    expect(await readdir(its.dataDir)).not.toContain('master.key');
  });

  it('ends the front door first and leaves nothing running', async () => {
    const its = await setting();
    const system = await start(its);
    const pids = system.pids();
    expect(Object.keys(pids).sort()).toEqual(['gateway', 'ledger', 'postgresql']);
    await system.stop();
    expect(await its.endings()).toEqual(['gateway', 'ledger']);
    nothingRuns(pids);
  });

  it('waits for nobody when it is told to end a second time', async () => {
    const its = await setting({ BEHAVIOUR_LEDGER: 'deaf' });
    const system = await start(its);
    const pids = system.pids();
    const stopped = system.stop();
    await eventually(() => expect(isAlive(pids['gateway'] ?? 0)).toBe(false));
    expect(isAlive(pids['ledger'] ?? 0)).toBe(true);
    await system.stop({ quickly: true });
    await stopped;
    nothingRuns(pids);
  });

  it('starts what died again, where it was', async () => {
    const its = await setting();
    const system = await start(its);
    const before = system.pids();
    for (const name of ['ledger', 'gateway', 'postgresql']) system.kill(name);
    // What was killed may answer once more before the kernel has ended it, so the new processes are asked for first.
    await eventually(async () => {
      const now = system.pids();
      for (const name of Object.keys(before)) expect([before[name], undefined]).not.toContain(now[name]);
      expect(await environmentOf(system.serviceUrls['ledger'])).toMatchObject({ HOST: '127.0.0.1' });
      expect(await environmentOf(system.url)).toMatchObject({ HOST: '127.0.0.1' });
      expect(await query(system.databases.eventStore, 'select 1 as x')).toEqual([{ x: 1 }]);
    }, { withinMs: 25_000 });
    const after = system.pids();
    await system.stop();
    nothingRuns(after);
  });

  it('gives up a service that cannot start, says why and ends the rest', async () => {
    const its = await setting({ BEHAVIOUR_LEDGER: 'broken' });
    const lines: string[] = [];
    await expect(start(its, { report: (line) => lines.push(line) })).rejects.toMatchObject({
      message: expect.stringMatching(/^ledger ended 5 times within a minute and was given up; what it said is in .*ledger\.log\.$/),
    });
    expect(lines).toContain('ledger ended (code 1: the configuration is wrong) and is started again');
    await (await start({ ...its, env: { ENDINGS: String(its.env['ENDINGS']) } })).stop();
  });

  it('ends a start that is interrupted', async () => {
    const its = await setting();
    const interrupt = new AbortController();
    const starting = start(its, { signal: interrupt.signal, report: (line) => line.startsWith('postgresql') && interrupt.abort() });
    await expect(starting).rejects.toThrow(/abort|interrupted/);
    await (await start(its)).stop();
  });

  it('starts again after a kill -9 of everything that watched over it', async () => {
    const its = await setting({ BEHAVIOUR_LEDGER: 'deaf' });
    const { child, said } = await scratch.run('own-system.mjs', its.dataDir, JSON.stringify(its.services), JSON.stringify(its.env));
    const pids = said as Record<string, number>;
    child.kill('SIGKILL');
    await eventually(() => expect(isAlive(pids['gateway'] ?? 0)).toBe(false));
    expect(isAlive(pids['ledger'] ?? 0)).toBe(true);
    expect(isAlive(pids['postgresql'] ?? 0)).toBe(true);
    const system = await start(its);
    nothingRuns(pids);
    await system.stop({ quickly: true });
  });

  it('refuses a data directory that is in use and a port that is taken, each with its code', async () => {
    const its = await setting();
    const system = await start(its);
    await expect(start(its)).rejects.toMatchObject({ exitCode: exitCodes.dataDirectoryInUse });
    await system.stop();
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    await expect(start(its, { port })).rejects.toMatchObject({ exitCode: exitCodes.portTaken, message: expect.stringContaining(`${port}`) });
    other.close();
  });

  it('keeps read models in a cluster of their own when asked to', async () => {
    const its = await setting();
    const system = await start(its, { separateReadModels: true });
    const databases = async (url: string): Promise<unknown[]> => (await query(url, 'select datname from pg_database order by 1')).map(({ datname }) => datname);
    expect(await databases(system.databases.eventStore)).toEqual(['keys', 'log', 'postgres', 'template0', 'template1']);
    expect(await databases(system.databases.readModels)).toEqual(['postgres', 'read_models', 'template0', 'template1']);
    await system.stop();
  });

  it('remembers that a directory was made for the demonstration', async () => {
    const its = await setting();
    const first = await start(its, { demo: true });
    await first.stop();
    const second = await start(its);
    expect([first.demo, second.demo]).toEqual([true, true]);
    await second.stop();
  });
});
