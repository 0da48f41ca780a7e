import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
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
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
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
