import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { WrongKeys } from './key-store.js';
import { unwrapKeys } from './unwrap-keys.js';

const KEY_BYTES = 32;
/** AES-KW adds one block of 64 bits. */
const WRAPPED_BYTES = 40;
const CIPHER = 'id-aes256-wrap';
/** RFC 3394, section 2.2.3.1: the initial value, by which a wrong key is noticed. */
const INITIAL_VALUE = Buffer.from('a6a6a6a6a6a6a6a6', 'hex');

/** The key that wraps the keys of all holders (AES-256 Key Wrap, RFC 3394). */
export interface MasterKey {
  /** Names the key without telling it: kept beside what it wrapped. */
  readonly id: string;
  /** A new key for a holder, and its wrapped form. */
  generate(): { readonly key: KeyObject; readonly wrapped: Buffer };
  /** @param id - of the key, for the message @throws WrongKeys where another master key wrapped it */
  unwrap(wrapped: Uint8Array, id: string): KeyObject;
  /** The same for many at once, by their ids. @throws WrongKeys where another master key wrapped one of them */
  unwrapAll(wrapped: ReadonlyMap<string, Uint8Array>): Map<string, KeyObject>;
}

/**
 * @param bytes - 32, from `readKeyFile`
 * @throws RangeError for any other length
 */
export function createMasterKey(bytes: Uint8Array): MasterKey {
  if (bytes.length !== KEY_BYTES) throw new RangeError('the master key must be 32 bytes');
  const master = createSecretKey(bytes);
  const held = (key: Buffer | undefined, id: string): KeyObject => {
    if (key === undefined) throw new WrongKeys(`key ${id} was not wrapped by this master key`);
    return createSecretKey(key);
  };
  return {
    id: createHmac('sha256', master).update('annals/master-key-id').digest('hex').slice(0, 32),
    generate: () => {
      const key = randomBytes(KEY_BYTES);
      return { key: createSecretKey(key), wrapped: wrapKey(master, key) };
    },
    unwrap: (wrapped, id) => held(unwrapKey(master, wrapped), id),
    unwrapAll: (wrapped) => {
      const keys = unwrapKeys(master, [...wrapped.values()]);
      return new Map([...wrapped.keys()].map((id, index) => [id, held(keys[index], id)]));
    },
  };
}

/** AES-256 Key Wrap of a 256-bit key. The lengths are checked, since the cipher takes an empty key for one. */
export function wrapKey(master: KeyObject, key: Uint8Array): Buffer {
  if (key.length !== KEY_BYTES) throw new RangeError('a key to wrap must be 32 bytes');
  // One update only: the cipher takes each for a key of its own.
  const cipher = createCipheriv(CIPHER, master, INITIAL_VALUE);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

/** The key again, or undefined where it was wrapped by another or the bytes have changed. */
export function unwrapKey(master: KeyObject, wrapped: Uint8Array): Buffer | undefined {
  if (wrapped.length !== WRAPPED_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, master, INITIAL_VALUE);
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    // OpenSSL reports a failed integrity check as a misuse of the cipher, without a code.
    return undefined;
  }
}
