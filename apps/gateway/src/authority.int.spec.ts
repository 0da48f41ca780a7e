import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { listen, type Running } from '@annals/service';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { gateway } from './gateway.js';

const CARD = '/view/customers/6f1c2f1e-5f2b-4a5e-9c6e-0a4b7c1d2e3f';
/** Stands in for every service, and remembers what it was asked. */
let upstream: Server;
let asked: { url: string; authorization: string | undefined }[];
let running: Running;
let folder: string;

beforeAll(async () => {
  upstream = createServer((request: IncomingMessage, response) => {
    asked.push({ url: request.url ?? '', authorization: request.headers.authorization });
    response.end('{}');
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), 'annals-gateway-'));
  const { publicKey } = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  await writeFile(join(folder, 'token.pub'), publicKey);
  const urls = { CUSTOMERS_URL: url, COMMUNICATIONS_URL: url, TRANSACTIONS_URL: url, PROJECTIONS_URL: url, ANALYTICS_URL: url };
  const own = { HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0', ANNALS_TIME_ZONE: 'UTC', UPSTREAM_TIMEOUT_MS: 2_000 } as const;
  running = await listen(gateway({ ...own, ...urls, TOKEN_PUBLIC_KEY_FILE: join(folder, 'token.pub') }));
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  await running.close();
  upstream.closeAllConnections();
  upstream.close();
  await rm(folder, { recursive: true });
});

const at = (path: string, init?: RequestInit): Promise<Response> => fetch(running.url + path, { redirect: 'manual', ...init });

describe('a gateway whose callers are known by tokens', () => {
  it.each(['/', CARD, '/view/segments'])('shows nothing of %s to strangers but where a token goes, and asks no service', async (path) => {
    for (const headers of [{}, { cookie: 'annals-token=abc' }, { authorization: 'Bearer abc' }]) {
      const response = await at(path, { headers });
      expect(response.status).toBe(401);
      expect(await response.text()).toContain('action="/sign-in"');
    }
    expect(asked).toEqual([]);
  });

  it('keeps a token where no script and no other site can reach it, and forgets it', async () => {
    const signIn = (headers: Record<string, string>, token = 'a.b-c_d'): Promise<Response> => at('/sign-in', { method: 'POST', headers, body: new URLSearchParams({ token }) });
    const kept = await signIn({ 'sec-fetch-site': 'same-origin', 'x-forwarded-proto': 'https' });
    expect([kept.status, kept.headers.get('set-cookie')]).toEqual([303, 'annals-token=a.b-c_d; HttpOnly; SameSite=Strict; Path=/; Secure']);
    expect((await signIn({ 'sec-fetch-site': 'cross-site' })).headers.get('set-cookie')).toBeNull();
    expect((await signIn({}, 'a; Domain=example.com')).headers.get('set-cookie')).toBe('annals-token=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0');
    expect((await at('/sign-out', { method: 'POST', body: new URLSearchParams() })).headers.get('set-cookie')).toContain('Max-Age=0');
  });

  it('passes a token on to the service, and never takes a cookie for one', async () => {
    await at('/customers/x', { headers: { authorization: 'Bearer abc', cookie: 'annals-token=def' } });
    await at('/customers/x', { headers: { cookie: 'annals-token=def' } });
    expect(asked).toEqual([{ url: '/customers/x', authorization: 'Bearer abc' }, { url: '/customers/x', authorization: undefined }]);
    const status = await at('/status', { headers: { cookie: 'annals-token=def' } });
    expect([status.status, status.headers.get('www-authenticate'), ((await status.json()) as { code: string }).code]).toEqual([401, 'Bearer realm="annals"', 'token-missing']);
  });
});
