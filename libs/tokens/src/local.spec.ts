import { createHmac, createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { newKeyPair, signingKey, UnusableTokenKey, verifyingKeys } from './keys.js';
import { signToken, type Grant } from './sign.js';
import { verifierByKeys, type Verifier } from './verify.js';

const pair = newKeyPair();
const other = newKeyPair();
const grant: Grant = { subject: 'ann', roles: ['agent', 'reader'], departments: ['emea/uk'], kind: 'person', expiresIn: 600 };
let verifier: Verifier;

beforeAll(async () => {
  verifier = await verifierByKeys(verifyingKeys(pair.verifying));
});

const signed = (more: Partial<Grant> = {}, key = pair.signing): Promise<string> => signToken({ ...grant, ...more }, signingKey(key));
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1_000);
const payload = { iss: 'annals', aud: 'annals', sub: 'ann', roles: ['admin'], departments: ['*'], exp: now + 600 };

/** A token that says whatever the test wants, signed by hand. */
function handMade(header: object, claims: object, seal: (text: string) => Buffer): string {
  const text = `${base64url(header)}.${base64url(claims)}`;
  return `${text}.${seal(text).toString('base64url')}`;
}
const byKey = (key: KeyObject) => (text: string): Buffer => sign(null, Buffer.from(text), key);
const own = byKey(createPrivateKey(pair.signing));

describe('a token of our own', () => {
  it('proves who sends it, and what they may do', async () => {
    const { caller, until } = await verifier.verify(await signed());
    expect(caller).toEqual({ actor: { id: 'ann', kind: 'person', assurance: 'token' }, roles: ['reader', 'agent'], scope: { departments: ['emea/uk'] } });
    expect(until).toBeGreaterThan(Date.now() + 600_000);
  });

  it('may be for all departments, for none, and for a service that acts for somebody', async () => {
    expect((await verifier.verify(await signed({ departments: ['*'] }))).caller.scope).toEqual({ departments: 'all' });
    expect((await verifier.verify(await signed({ departments: [], roles: [] }))).caller).toMatchObject({ roles: [], scope: { departments: [] } });
    const { caller } = await verifier.verify(await signed({ kind: 'service', actor: 'portal' }));
    expect(caller.actor).toEqual({ id: 'portal', kind: 'service', assurance: 'token', onBehalfOf: 'ann' });
  });

  it('is good under any of several keys, so that one can follow another', async () => {
    const both = await verifierByKeys(verifyingKeys(pair.verifying + other.verifying));
    for (const key of [pair, other]) await expect(both.verify(await signed({}, key.signing))).resolves.toBeDefined();
  });

  it('may be late by a minute, and no more', async () => {
    await expect(verifier.verify(await signed({ expiresIn: -50 }))).resolves.toBeDefined();
    await expect(verifier.verify(await signed({ expiresIn: -70 }))).rejects.toThrow('it has expired');
  });

  it('may be from a clock that is a minute ahead, and no more', async () => {
    const from = (seconds: number): string => handMade({ alg: 'EdDSA' }, { ...payload, nbf: Math.floor(Date.now() / 1_000) + seconds }, own);
    await expect(verifier.verify(from(50))).resolves.toBeDefined();
    await expect(verifier.verify(from(70))).rejects.toThrow('not valid yet');
  });

  it.each([
    ['of another key', () => signed({}, other.signing)],
    ['without a signature', () => handMade({ alg: 'none' }, payload, () => Buffer.alloc(0))],
    ['sealed with the public key as a secret', () => handMade({ alg: 'HS256' }, payload, (text) => createHmac('sha256', pair.verifying).update(text).digest())],
    ['of another algorithm', () => handMade({ alg: 'ES256' }, payload, own)],
    ['without an expiry', () => handMade({ alg: 'EdDSA' }, { ...payload, exp: undefined }, own)],
    ['without a subject', () => handMade({ alg: 'EdDSA' }, { ...payload, sub: undefined }, own)],
    ['of another issuer', () => handMade({ alg: 'EdDSA' }, { ...payload, iss: 'other' }, own)],
    ['for another audience', () => handMade({ alg: 'EdDSA' }, { ...payload, aud: 'other' }, own)],
    ['not valid yet', () => handMade({ alg: 'EdDSA' }, { ...payload, nbf: now + 100 }, own)],
    ['with a department that is no path', () => handMade({ alg: 'EdDSA' }, { ...payload, departments: ['EMEA/'] }, own)],
    ['with a role that is no text', () => handMade({ alg: 'EdDSA' }, { ...payload, roles: [1] }, own)],
    ['of a kind that nobody is', () => handMade({ alg: 'EdDSA' }, { ...payload, kind: 'system' }, own)],
    ['that must be understood and is not', () => handMade({ alg: 'EdDSA', crit: ['b64'], b64: false }, payload, own)],
    ['that is no token', () => 'token'],
    ['that has no end', () => 'x'.repeat(10_000)],
  ])('is refused when it is one %s', async (_, make) => {
    await expect(verifier.verify(await make())).rejects.toMatchObject({ name: 'TokenRefused' });
  });

  it('signed by hand is good where all of it is right, so that the others are refused for what they are named after', async () => {
    await expect(verifier.verify(handMade({ alg: 'EdDSA' }, payload, own))).resolves.toBeDefined();
  });
});

describe('a key of tokens', () => {
  it('is refused where it is of another kind, or none', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    for (const text of ['', 'key', rsa.publicKey, pair.verifying + rsa.publicKey]) expect(() => verifyingKeys(text)).toThrow(UnusableTokenKey);
    for (const text of ['', pair.verifying, rsa.privateKey]) expect(() => signingKey(text)).toThrow(UnusableTokenKey);
  });
});
