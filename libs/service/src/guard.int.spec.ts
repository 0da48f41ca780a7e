import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKeyPair, signingKey, signToken, type Grant } from '@annals/tokens';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, type DynamicModule } from '@nestjs/common';
import { FromCall, type Call } from './call.js';
import type { ServiceConfig } from './config.js';
import { Anybody, Roles } from './roles.js';
import { listen, type Running, type Service } from './start.js';

const pair = newKeyPair();
let folder: string;
let config: ServiceConfig;
const running: Running[] = [];

@Controller()
class Doors {
  @Get('agents')
  @Roles('agent')
  agents(@FromCall() { actor, scope }: Call): object {
    return { actor, scope };
  }

  @Get('open')
  @Anybody()
  open(): object {
    return {};
  }
}

@Controller()
class Forgetful {
  @Get('forgotten')
  forgotten(): object {
    return {};
  }
}

@Module({})
class Building {
  static with(...controllers: NonNullable<DynamicModule['controllers']>): DynamicModule {
    return { module: Building, controllers };
  }
}

async function start(more: Partial<ServiceConfig> = {}, service: Partial<Service> = {}): Promise<string> {
  const one = await listen({ name: 'doors', config: { ...config, ...more }, module: Building.with(Doors), dependencies: [], ...service });
  running.push(one);
  return one.url;
}

const tokenFor = (more: Partial<Grant> = {}): Promise<string> =>
  signToken({ subject: 'ann', roles: ['agent'], departments: ['emea'], kind: 'person', expiresIn: 60, ...more }, signingKey(pair.signing));
const ask = (url: string, token?: string): Promise<Response> => fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-guard-'));
  const file = join(folder, 'token.pub');
  await writeFile(file, pair.verifying);
  config = { HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0', TOKEN_PUBLIC_KEY_FILE: file };
});
afterAll(async () => {
  for (const one of running) await one.close();
  await rm(folder, { recursive: true });
});

describe('a guarded service', () => {
  it('lets in who has the role, and knows who that is', async () => {
    const response = await ask(`${await start()}/agents`, await tokenFor());
    expect([response.status, await response.json()]).toEqual([200, { actor: { id: 'ann', kind: 'person', assurance: 'token' }, scope: { departments: ['emea'] } }]);
  });

  it.each<[string, (() => string | Promise<string>) | undefined, number, string, unknown]>([
    ['nobody', undefined, 401, 'token-missing', 'Bearer realm="annals"'],
    ['a token that is none', () => 'abc', 401, 'token-refused', 'Bearer realm="annals", error="invalid_token", error_description="The token is refused: it is not a token."'],
    ['a token that has expired', () => tokenFor({ expiresIn: -100 }), 401, 'token-refused', expect.stringContaining('it has expired')],
    ['a role that is not declared', () => tokenFor({ roles: ['admin', 'reader'] }), 403, 'forbidden', null],
    ['no role', () => tokenFor({ roles: [] }), 403, 'forbidden', null],
  ])('refuses %s', async (_, ...[make, status, code, challenge]) => {
    const response = await ask(`${await start()}/agents`, await make?.());
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toEqual(challenge);
    expect(response.headers.get('server')).toBeNull();
    expect(await response.json()).toEqual({ type: 'about:blank', title: expect.any(String), status, code, detail: expect.any(String) });
  });

  it('shows who it is to anybody: health, metrics, and what is declared so', async () => {
    const url = await start();
    for (const path of ['/health/live', '/health/ready', '/metrics', '/openapi.json', '/open']) expect([path, (await ask(url + path)).status]).toEqual([path, 200]);
    expect((await ask(`${url}/nothing`)).status).toBe(404);
  });

  it('says in its OpenAPI document which routes take a token', async () => {
    const { paths, components } = (await (await ask(`${await start()}/openapi.json`)).json()) as { paths: object; components: object };
    expect(components).toMatchObject({ securitySchemes: { token: { type: 'http', scheme: 'bearer' } } });
    expect(paths).toMatchObject({ '/agents': { get: { security: [{ token: [] }] } } });
    expect(paths).not.toHaveProperty(['/open', 'get', 'security']);
  });

  it('does not start with a route that declares nobody', async () => {
    await expect(start({}, { module: Building.with(Forgetful) })).rejects.toThrow('GET /forgotten does not say who may use it');
  });

  it('does not start with a key that it cannot use', async () => {
    await expect(start({ TOKEN_PUBLIC_KEY_FILE: join(folder, 'none') })).rejects.toThrow(/^TOKEN_PUBLIC_KEY_FILE .* cannot be used/);
  });

  it('knows nobody where nothing says how, and lets everybody in', async () => {
    const response = await ask(`${await start({ TOKEN_PUBLIC_KEY_FILE: undefined })}/agents`);
    expect(await response.json()).toEqual({ actor: { id: 'unverified', kind: 'unverified', assurance: 'none' }, scope: { departments: 'all' } });
  });
});

describe('a client that sends too much', () => {
  it('is told when to come back, and nobody else pays for it', async () => {
    const url = await start({}, { clients: { perMinute: 3 } });
    const [ann, bob] = [await tokenFor(), await tokenFor({ subject: 'bob' })];
    const statuses: number[] = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await ask(`${url}/agents`, ann)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await ask(`${url}/agents`, await tokenFor({ expiresIn: 90 }));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ status: 429, code: 'too-many-requests' });
    expect((await ask(`${url}/agents`, bob)).status).toBe(200);
  });

  it('is known by its address where its token is no good, whatever the token says', async () => {
    const url = await start({}, { clients: { perMinute: 3 } });
    const statuses: number[] = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await ask(`${url}/agents`, `bad${index}`)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await ask(`${url}/health/live`)).status).toBe(200);
    expect((await ask(`${url}/agents`, await tokenFor())).status).toBe(200);
  });
});
