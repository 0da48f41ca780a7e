import { createHmac } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWK } from 'jose';
import { IssuerUnavailable, isTrustworthy, verifierByIssuer } from './issuer.js';

/** Stands in for an OpenID provider. */
let server: Server;
let issuer: string;
let keys: JWK[];
let asked: string[];
let answer: Record<string, (response: ServerResponse) => unknown>;

const json = (value: unknown) => (response: ServerResponse) => response.end(JSON.stringify(value));

async function newKey(kid: string, alg = 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}
type Key = Awaited<ReturnType<typeof newKey>>;

const signed = ({ kid, alg, privateKey }: Key, claims: object = {}): Promise<string> =>
  new SignJWT({ sub: 'ann', roles: ['agent', 'of-another-system'], departments: ['emea'], ...claims }).setProtectedHeader({ alg, kid }).setIssuer(issuer).setAudience('annals-api').setExpirationTime('5m').sign(privateKey);

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    (answer[request.url ?? ''] ?? ((to: ServerResponse) => to.writeHead(404).end()))(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

beforeEach(() => {
  keys = [];
  asked = [];
  answer = {
    '/.well-known/openid-configuration': (response) => json({ issuer, jwks_uri: `${issuer}/keys` })(response),
    '/keys': (response) => json({ keys })(response),
  };
});

const verifier = () => verifierByIssuer({ issuer, audience: 'annals-api' });

describe('tokens of an OpenID provider', () => {
  it('are verified by keys that discovery finds, once', async () => {
    const [first, second] = [await newKey('1'), await newKey('2', 'RS256')];
    keys = [first.jwk, second.jwk];
    const one = verifier();
    for (const key of [first, second, first]) {
      const { caller } = await one.verify(await signed(key));
      expect(caller).toEqual({ actor: { id: 'ann', kind: 'person', assurance: 'oidc' }, roles: ['agent'], scope: { departments: ['emea'] } });
    }
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it('are refused under another key, and the issuer is not asked again for each', async () => {
    keys = [(await newKey('1')).jwk];
    const one = verifier();
    const stranger = await newKey('3');
    for (let index = 0; index < 5; index += 1) await expect(one.verify(await signed(stranger))).rejects.toThrow('its key is not known');
    await expect(one.verify(await signed(await newKey('1')))).rejects.toThrow('its signature is not right');
    expect(asked).toHaveLength(2);
  });

  it('are refused for another audience or without an expiry', async () => {
    const key = await newKey('1');
    keys = [key.jwk];
    const { verify } = verifier();
    const plain = new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'ES256', kid: '1' }).setIssuer(issuer);
    await expect(verify(await plain.setAudience('other').setExpirationTime('5m').sign(key.privateKey))).rejects.toMatchObject({ name: 'TokenRefused' });
    const endless = new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'ES256', kid: '1' }).setIssuer(issuer).setAudience('annals-api');
    await expect(verify(await endless.sign(key.privateKey))).rejects.toMatchObject({ name: 'TokenRefused' });
  });

  it('are good under the key that follows another, as soon as it may be asked for; under the one before it no more', async () => {
    const [first, second] = [await newKey('1'), await newKey('2')];
    keys = [first.jwk];
    const { verify } = verifier();
    await verify(await signed(first));
    keys = [second.jwk];
    const now = Date.now();
    const later = jest.spyOn(Date, 'now');
    try {
      // An unknown key is no reason to ask at once again: whoever makes up keys would make us ask.
      await expect(verify(await signed(second))).rejects.toThrow('its key is not known');
      await expect(verify(await signed(first))).resolves.toBeDefined();
      later.mockReturnValue(now + 31_000);
      await expect(verify(await signed(second))).resolves.toBeDefined();
      await expect(verify(await signed(first))).rejects.toThrow('its key is not known');
      expect(asked.filter((path) => path === '/keys')).toHaveLength(2);
      // Keys that are ten minutes old are asked for again, so that one that was taken away is good for no longer.
      keys = [first.jwk];
      later.mockReturnValue(now + 31_000 + 601_000);
      await expect(verify(await signed(second, { exp: Math.floor(now / 1_000) + 3_600 }))).rejects.toThrow('its key is not known');
      expect(asked.filter((path) => path === '/keys')).toHaveLength(3);
    } finally {
      later.mockRestore();
    }
  });

  it('are refused without a signature, and where a public key served as the secret', async () => {
    const key = await newKey('1', 'RS256');
    keys = [key.jwk];
    const { verify } = verifier();
    const claims = { sub: 'ann', roles: ['admin'], departments: ['*'], iss: issuer, aud: 'annals-api', exp: Math.floor(Date.now() / 1_000) + 300 };
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const pem = await exportSPKI(key.publicKey);
    const secrets = [pem, pem.trim(), JSON.stringify(key.jwk), Buffer.from(key.jwk.n ?? '', 'base64url')];
    const text = `${part({ alg: 'HS256', kid: '1' })}.${part(claims)}`;
    const sealed = secrets.map((secret) => `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`);
    for (const token of [`${part({ alg: 'none' })}.${part(claims)}.`, `${part({ alg: 'none', kid: '1' })}.${part(claims)}.`, ...sealed]) {
      await expect(verify(token)).rejects.toThrow('its algorithm is not one that is accepted');
    }
    await expect(verify(await signed(key, claims))).resolves.toBeDefined();
  });

  it('are refused from another issuer, expired, or not valid yet; a minute between clocks is nothing', async () => {
    const key = await newKey('1');
    keys = [key.jwk];
    const { verify } = verifier();
    const now = Math.floor(Date.now() / 1_000);
    const at = (claims: { iss?: string; exp?: number; nbf?: number }): Promise<string> =>
      new SignJWT({ sub: 'ann', iss: issuer, aud: 'annals-api', exp: now + 300, ...claims }).setProtectedHeader({ alg: 'ES256', kid: '1' }).sign(key.privateKey);
    for (const good of [{}, { exp: now - 50 }, { nbf: now + 50 }]) await expect(verify(await at(good))).resolves.toBeDefined();
    await expect(verify(await at({ iss: `${issuer}/` }))).rejects.toThrow('another issuer');
    await expect(verify(await at({ exp: now - 70 }))).rejects.toThrow('it has expired');
    await expect(verify(await at({ nbf: now + 80 }))).rejects.toThrow('not valid yet');
  });

  it('wait for an issuer that comes back, and prove nothing until then', async () => {
    const key = await newKey('1');
    keys = [key.jwk];
    const { verify } = verifier();
    const { '/keys': found, ...without } = answer;
    const description = answer['/.well-known/openid-configuration'];
    answer = {};
    await expect(verify(await signed(key))).rejects.toThrow(IssuerUnavailable);
    answer = { '/.well-known/openid-configuration': json({ issuer: 'https://elsewhere.example', jwks_uri: `${issuer}/keys` }) };
    await expect(verify(await signed(key))).rejects.toThrow(IssuerUnavailable);
    answer = { '/.well-known/openid-configuration': json({ issuer, jwks_uri: 'http://elsewhere.example/keys' }) };
    await expect(verify(await signed(key))).rejects.toThrow(IssuerUnavailable);
    answer = { '/.well-known/openid-configuration': (response) => response.end('x'.repeat(2_000_000)) };
    await expect(verify(await signed(key))).rejects.toThrow(IssuerUnavailable);
    answer = without;
    await expect(verify(await signed(key))).rejects.toThrow(IssuerUnavailable);
    answer = { ...(description !== undefined && { '/.well-known/openid-configuration': description }), ...(found !== undefined && { '/keys': found }) };
    await expect(verify(await signed(key))).resolves.toBeDefined();
  });

  it('come from addresses over TLS, or of this machine', () => {
    expect(['https://id.example', 'http://127.0.0.1:9', 'http://localhost', 'http://[::1]:1'].map(isTrustworthy)).toEqual([true, true, true, true]);
    expect(['http://id.example', 'ftp://localhost', 'http://127.0.0.1.example'].map(isTrustworthy)).toEqual([false, false, false]);
  });
});
