import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@annals/testing';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Started } from './fixtures/started.js';

const longMs = 240_000;
const folders: string[] = [];
const started: Started[] = [];

async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'annals-e2e-'));
  folders.push(folder);
  return folder;
}

function start(...args: string[]): Started {
  const one = new Started(...args);
  started.push(one);
  return one;
}

/** Registers somebody and returns where the record is. */
async function register(url: string): Promise<string> {
  const body = JSON.stringify({ kind: 'person', name: { full: 'Amina Yusuf' } });
  const response = await fetch(`${url}/customers`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect({ status: response.status, problem: response.ok ? '' : await response.text() }).toEqual({ status: 201, problem: '' });
  return String(response.headers.get('location'));
}

async function historyOf(url: string, location: string): Promise<string> {
  const response = await fetch(new URL(`${location}/history`, url));
  return response.text();
}

describe('npm start', () => {
  afterEach(async () => {
    for (const one of started.splice(0)) {
      one.kill('SIGTERM');
      await one.ended();
    }
  }, longMs);
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  it(
    'brings everything up on a folder of one\'s own, unseeded, and ends it in order',
    async () => {
      const running = start('--data-dir', await ownFolder(), '--port', String(await freePort()));
      const url = await running.ready();
      for (const name of ['postgresql', 'customers', 'communications', 'transactions', 'projections', 'analytics', 'gateway']) {
        expect(running.output).toMatch(new RegExp(`^ {2}${name} is ready`, 'm'));
      }
      const health: unknown = await (await fetch(`${url}/health/ready`)).json();
      expect(health).toMatchObject({ status: 'ready' });
      expect(health).not.toHaveProperty('demo', true);
      expect(running.output).not.toMatch(/demo/i);
      running.kill('SIGINT');
      expect(await running.ended()).toBe(0);
      await expect(fetch(`${url}/health/live`)).rejects.toThrow();
    },
    longMs,
  );

  it(
    'keeps what was recorded when everything that watched over it is killed, and lets one at a time in',
    async () => {
      const args = ['--data-dir', await ownFolder(), '--port', String(await freePort())];
      const first = start(...args);
      const url = await first.ready();
      const location = await register(url);
      const second = start(...args);
      expect(await second.ended()).toBe(4);
      expect(second.output).toMatch(/^The data directory .* is in use by process \d+; stop that one first/);
      first.kill('SIGKILL');
      await first.ended();
      // At once: what still runs of the first, and holds its port, is ended by the third.
      const third = start(...args);
      expect(await historyOf(await third.ready(), location)).toContain('Amina Yusuf');
    },
    longMs,
  );

  it('says in a sentence what it does not know', async () => {
    const wrong = start('--colour');
    expect(await wrong.ended()).toBe(2);
    expect(wrong.output).toBe(`Unknown option '--colour'. See "npm start -- --help".\n`);
    const help = start('--help');
    expect(await help.ended()).toBe(0);
    expect(help.output).toMatch(/^Usage: npm start/);
  });
});
