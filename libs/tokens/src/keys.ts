import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

const BLOCK = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;
const MAX_KEYS = 16;

/** The files of a data directory that hold its key pair. */
export const keyPairFiles = { signing: 'token.key', verifying: 'token.pub' } as const;

/** A key that cannot be used; the message is a sentence. */
export class UnusableTokenKey extends Error {
  override readonly name = 'UnusableTokenKey';
}

/** Both halves of a new Ed25519 key, as PEM. */
export function newKeyPair(): { readonly signing: string; readonly verifying: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { signing: pem(privateKey, 'pkcs8'), verifying: pem(publicKey, 'spki') };
}

function pem(key: KeyObject, type: 'pkcs8' | 'spki'): string {
  return String(key.export({ format: 'pem', type }));
}

/** The key that signs, of a PEM text. @throws UnusableTokenKey */
export function signingKey(text: string): KeyObject {
  const key = parsed(() => createPrivateKey(text));
  if (key?.asymmetricKeyType !== 'ed25519') throw new UnusableTokenKey('It holds no private Ed25519 key in PEM.');
  return key;
}

/** The keys that verify, of a PEM text: several where an old one is still good while a new one comes in. @throws UnusableTokenKey */
export function verifyingKeys(text: string): KeyObject[] {
  const keys = (text.match(BLOCK) ?? []).map((block) => parsed(() => createPublicKey(block)));
  const good = keys.filter((key) => key?.asymmetricKeyType === 'ed25519').filter((key) => key !== undefined);
  if (good.length === 0 || good.length < keys.length || good.length > MAX_KEYS) {
    throw new UnusableTokenKey(`It must hold 1 to ${MAX_KEYS} public Ed25519 keys in PEM, and no other.`);
  }
  return good;
}

function parsed(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    // What OpenSSL says of a key may quote it.
    return undefined;
  }
}
