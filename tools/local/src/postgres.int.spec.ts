import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually, freePort, itWhere } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import { postgresAccount } from './account.js';
import { exitCodes } from './errors.js';
import { Scratch, query } from './fixtures/scratch.js';
import { startPostgres } from './postgres.js';
import { isAlive, signal } from './processes.js';

const scratch = new Scratch();
const asRoot = itWhere(process.getuid?.() === 0 && process.platform === 'linux', 'root on Linux');

describe('startPostgres', () => {
  it('keeps what was committed from one start to the next', async () => {
    const dataDir = await scratch.folder();
    const first = await startPostgres({ dataDir });
    await query(first.url('postgres'), 'create table kept as select 42 as x');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await startPostgres({ dataDir });
    expect(await query(second.url('postgres'), 'select x from kept')).toEqual([{ x: 42 }]);
    await second.stop();
  });

  it('is durable, listens on loopback alone, asks for a password and has no socket file', async () => {
    const postgres = await startPostgres({ dataDir: await scratch.folder() });
    const settings = `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'listen_addresses', 'unix_socket_directories') order by name`;
    expect(await query(postgres.url('postgres'), settings)).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'synchronous_commit', setting: 'on' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
    await expect(query(`postgres://postgres:guess@127.0.0.1:${postgres.port}/postgres`, 'select 1')).rejects.toThrow(/password authentication failed/);
    await postgres.stop();
  });

  it('gives roles passwords that outlast a restart and lets only named roles, with limits, into a database', async () => {
    const dataDir = await scratch.folder();
    const first = await startPostgres({ dataDir, durable: false });
    for (const role of ['owner', 'guest', 'stranger']) await first.ensureRole(role);
    await first.ensureDatabase('log', { owner: 'owner', users: ['guest'] });
    await first.stop();
    const second = await startPostgres({ dataDir, durable: false });
    await second.ensureRole('owner');
    await second.ensureDatabase('log', { owner: 'owner', users: ['guest'] });
    expect(await query(second.url('log', 'guest'), 'select current_user as me')).toEqual([{ me: 'guest' }]);
    const limits = `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`;
    expect(await query(second.url('log', 'guest'), limits)).toEqual([{ statement: '30s', lock: '10s' }]);
    expect(await query(second.url('log', 'owner'), limits)).toEqual([{ statement: '0', lock: '0' }]);
    await expect(query(second.url('log', 'stranger'), 'select 1')).rejects.toThrow(/permission denied/);
    expect((await stat(join(dataDir, 'passwords.json'))).mode & 0o777).toBe(0o600);
    await second.stop();
  });

  it('ends the PostgreSQL of a killed owner, says nothing of it and keeps its data', async () => {
    const dataDir = await scratch.folder();
    const { child, said } = await scratch.run('own-postgres.mjs', dataDir);
    await query(String(said['url']), 'create table kept as select 1 as x');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(isAlive(Number(said['pid']))).toBe(true);
    const next = await startPostgres({ dataDir, durable: false });
    expect(isAlive(Number(said['pid']))).toBe(false);
    expect(await query(next.url('postgres'), 'select x from kept')).toEqual([{ x: 1 }]);
    await next.stop();
  });

  it('refuses a second live owner with a sentence and a code', async () => {
    const dataDir = await scratch.folder();
    const postgres = await startPostgres({ dataDir, durable: false });
    await expect(startPostgres({ dataDir })).rejects.toMatchObject({ exitCode: exitCodes.dataDirectoryInUse });
    const { said } = await scratch.run('own-postgres.mjs', dataDir);
    expect(said).toEqual({ refused: expect.stringContaining(`in use by process ${process.pid};`), exitCode: exitCodes.dataDirectoryInUse });
    expect(await query(postgres.url('postgres'), 'select 1 as x')).toEqual([{ x: 1 }]);
    await postgres.stop();
  });

  it('tells that PostgreSQL died and starts again on what was committed', async () => {
    const dataDir = await scratch.folder();
    const first = await startPostgres({ dataDir, durable: false });
    await query(first.url('postgres'), 'create table kept as select 1 as x');
    signal(first.pid, 'SIGKILL');
    expect(await first.died).toBe('PostgreSQL ended (SIGKILL).');
    await first.stop();
    const second = await startPostgres({ dataDir, durable: false, port: first.port });
    expect(await query(second.url('postgres'), 'select x from kept')).toEqual([{ x: 1 }]);
    await second.stop();
  });

  it('leaves a stranger alone whose number stands in a postmaster.pid of long ago', async () => {
    const dataDir = await scratch.folder();
    await (await startPostgres({ dataDir, durable: false })).stop();
    // PostgreSQL itself refuses to start while a process of its own account has that number.
    const stranger = spawn('sleep', ['60'], { ...postgresAccount(join(dataDir, 'cluster')) });
    await once(stranger, 'spawn');
    await writeFile(join(dataDir, 'cluster/data/postmaster.pid'), `${stranger.pid}\n${dataDir}/cluster/data\n1\n5432\n\n127.0.0.1\n`);
    const postgres = await startPostgres({ dataDir, durable: false });
    await postgres.stop();
    expect(stranger.signalCode).toBe(null);
    stranger.kill();
  });

  it('starts over a cluster whose making was interrupted', async () => {
    const dataDir = await scratch.folder();
    await mkdir(join(dataDir, 'cluster/data'), { recursive: true });
    await writeFile(join(dataDir, 'cluster/data/PG_VERSION'), '18\n');
    const postgres = await startPostgres({ dataDir, durable: false });
    expect(await query(postgres.url('postgres'), 'select 1 as x')).toEqual([{ x: 1 }]);
    await postgres.stop();
  });

  it('names the port that is taken', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    await expect(startPostgres({ dataDir: await scratch.folder(), durable: false, port })).rejects.toMatchObject({
      message: expect.stringContaining(`Port ${port}`),
      exitCode: exitCodes.portTaken,
    });
    other.close();
  });

  asRoot('works for root below a folder that only root can enter', async () => {
    const parent = await scratch.folder();
    await chmod(parent, 0o700);
    const dataDir = join(parent, 'data');
    const postgres = await startPostgres({ dataDir, durable: false });
    await query(postgres.url('postgres'), 'create table kept as select 1 as x; checkpoint');
    expect(await readFile(`/proc/${postgres.pid}/status`, 'utf8')).not.toMatch(/^Uid:\s+0/m);
    await postgres.stop();
    const { child, said } = await scratch.run('own-postgres.mjs', dataDir);
    child.kill('SIGKILL');
    await eventually(() => expect(child.signalCode).toBe('SIGKILL'));
    const next = await startPostgres({ dataDir, durable: false });
    expect(isAlive(Number(said['pid']))).toBe(false);
    expect(await query(next.url('postgres'), 'select x from kept')).toEqual([{ x: 1 }]);
    await next.stop();
  });
});
