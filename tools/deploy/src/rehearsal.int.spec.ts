import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, postgresForTests } from '@annals/testing';
import { signingKey, signToken } from '@annals/tokens';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { builtApps, isService, SECRETS, type App } from './fixtures/apps.js';
import { compose } from './fixtures/compose.js';
import { dockerfile } from './fixtures/dockerfile.js';
import { root } from './fixtures/files.js';
import { makeSecrets } from './secrets.js';

const STARTING_MS = 240_000;
/** A registration by somebody whose token is good everywhere, and who therefore has to say where. */
const somebody = (full: string): object => ({ kind: 'person', name: { full }, meta: { department: 'sales' } });
const LONG = { withinMs: 60_000, everyMs: 100 };

/** docker-compose.yml without containers: its environment, its secrets and its order, as processes of this machine. */
describe('the deployment that docker-compose.yml describes', () => {
  const postgres = postgresForTests();
  const { services } = compose({});
  const running = new Map<string, ChildProcess>();
  const urls: Record<string, string> = {};
  let secrets = '';
  let apps: App[] = [];
  let authorization = '';

  /** A container's environment, with this machine's folders and addresses in the place of its own. */
  function environmentOf(name: string): Record<string, string> {
    const env = { ...dockerfile().env, ...services[name]?.environment };
    const here = Object.entries(env).map(([variable, value]) => {
      const { hostname } = URL.canParse(value) ? new URL(value) : { hostname: '' };
      return [variable, urls[hostname] ?? value.replace(SECRETS, `${secrets}/`)];
    });
    const { port } = new URL(urls[name] ?? 'http://127.0.0.1');
    return { ...Object.fromEntries(here), PORT: port } as Record<string, string>;
  }
  function start(name: string): ChildProcess {
    const child = spawn(process.execPath, [join(root, 'apps', name, 'dist/main.js')], { env: environmentOf(name), stdio: ['ignore', 'ignore', 'inherit'] });
    running.set(name, child);
    return child;
  }
  const call = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${urls['gateway'] ?? ''}${path}`, { ...init, headers: { authorization, 'content-type': 'application/json' } });

  beforeAll(async () => {
    secrets = await mkdtemp(join(tmpdir(), 'annals-rehearsal-'));
    await makeSecrets(secrets, { server: `127.0.0.1:${postgres.server().port}` });
    await writeFile(join(secrets, 'admin-url'), postgres.server().url('postgres'));
    const key = signingKey(await readFile(join(secrets, 'token.key'), 'utf8'));
    authorization = `Bearer ${await signToken({ subject: 'operator', roles: ['admin', 'integrator', 'reader'], departments: ['*'], kind: 'person', expiresIn: 3_600 }, key)}`;
    apps = await builtApps();
    for (const { name } of apps.filter(isService)) urls[name] = `http://127.0.0.1:${await freePort()}`;
    // As root the secrets are given to the image's account; root may read them all the same.
    const [code] = await once(start('prepare'), 'exit');
    expect(code).toBe(0);
    for (const { name } of apps.filter(isService)) start(name);
    await eventually(async () => expect((await call('/health/ready')).status).toBe(200), { withinMs: 120_000, everyMs: 200 });
  }, STARTING_MS);
  afterAll(async () => {
    for (const child of running.values()) {
      if (child.exitCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(secrets, { recursive: true, force: true });
  });

  it('lets nobody in without a token', async () => {
    expect((await fetch(`${urls['gateway'] ?? ''}/status`)).status).toBe(401);
    for (const { name } of apps.filter(isService)) expect((await fetch(`${urls[name] ?? ''}/health/live`)).status).toBe(200);
  });

  it('takes a command and shows what came of it', async () => {
    const created = await call('/customers', { method: 'POST', body: JSON.stringify(somebody('Amina Yusuf')) });
    expect({ status: created.status, problem: created.ok ? '' : await created.text() }).toEqual({ status: 201, problem: '' });
    const location = created.headers.get('location') ?? '';
    await eventually(async () => expect(await (await call(location)).json()).toMatchObject({ name: { full: 'Amina Yusuf' } }), LONG);
    const { readModels } = (await (await call('/status')).json()) as { readModels: { name: string }[] };
    expect(readModels.map(({ name }) => name).toSorted()).toEqual(['card', 'features', 'matching', 'memberships', 'records', 'timeline']);
  });

  it('closes consumers before producers, and both before the connections that they use', async () => {
    const opened = await Promise.all(['customers', 'communications', 'projections', 'analytics'].map(async (name) => {
      const { dependencies } = (await (await fetch(`${urls[name] ?? ''}/health/ready`)).json()) as { dependencies: object };
      return Object.keys(dependencies);
    }));
    expect(opened).toEqual([
      ['key-store', 'event-store'],
      ['key-store', 'event-store', 'matching', 'links'],
      ['key-store', 'event-store', 'read-models'],
      ['event-store', 'read-models', 'memberships'],
    ]);
  });

  it('ends a service under load within 10 s, and what it acknowledged is in the log', async () => {
    const customers = running.get('customers');
    const acknowledged: string[] = [];
    const others: (number | string)[] = [];
    let sending = true;
    // A connection for each, so that one that is refused was never taken.
    const agent = new Agent({ keepAlive: false });
    const client = async (): Promise<void> => {
      while (sending) {
        const { status, location } = await post(`${urls['customers'] ?? ''}/customers`, agent);
        if (status !== 201) return void others.push(status);
        acknowledged.push(location);
      }
    };
    const clients = Array.from({ length: 8 }, client);
    await eventually(() => expect({ others, many: acknowledged.length > 50 }).toEqual({ others: [], many: true }), LONG).finally(() => (sending &&= acknowledged.length > 50));
    customers?.kill('SIGTERM');
    const ended = customers === undefined ? [] : await once(customers, 'exit');
    sending = false;
    await Promise.all(clients);
    // After 10 s it would have ended itself with 1.
    expect(ended).toEqual([0, null]);
    // Whoever was answered got what he asked for; the others were never taken.
    expect(others.filter((status) => !['ECONNREFUSED', 'ECONNRESET'].includes(String(status)))).toEqual([]);
    start('customers');
    await eventually(async () => expect((await call('/health/ready')).status).toBe(200), LONG);
    for (const location of acknowledged) expect((await call(`${location}/history`)).status).toBe(200);
  }, 180_000);

  /** Registers somebody with a token of the operator's. */
  function post(url: string, agent: Agent): Promise<{ status: number | string; location: string }> {
    const body = JSON.stringify(somebody(`Somebody ${randomUUID()}`));
    return new Promise((resolve) => {
      const sent = request(url, { method: 'POST', agent, headers: { authorization, 'content-type': 'application/json' } }, (response) => {
        response.resume().once('end', () => resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '' }));
      });
      sent.once('error', (error: NodeJS.ErrnoException) => resolve({ status: error.code ?? error.message, location: '' }));
      sent.end(body);
    });
  }
});
