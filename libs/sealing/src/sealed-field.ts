import { createCipheriv, createDecipheriv, randomFillSync, type KeyObject } from 'node:crypto';

import { canonicalJson } from '@annals/contracts';

import { lengthPrefixed } from './length-prefixed.js';

/** First part of every seal's associated data: another layout would have another name. */
const LAYOUT = 'annals/sealed/1';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What a seal is bound to: opened anywhere else, it is broken. */
export interface SealPlace {
  readonly stream: string;
  readonly eventId: string;
  /** JSON pointer (RFC 6901) of the field in the event's data, as stored. */
  readonly pointer: string;
  readonly keyId: string;
}

/** A personal field as it is stored, or that its key was destroyed before it could be. */
export type StoredField =
  | { readonly key: string; readonly sealed: string }
  | { readonly erased: true; readonly key?: string };

/** The seal does not open: another key, another place, or other bytes than were sealed. */
export class BrokenSeal extends Error {
  override readonly name = 'BrokenSeal';
}

/** The associated data of a seal: layout, stream, event id, pointer and key id, length-prefixed. */
export function associatedData({ stream, eventId, pointer, keyId }: SealPlace): Buffer {
  return lengthPrefixed([LAYOUT, stream, eventId, pointer, keyId]);
}

/**
 * Seals a value: AES-256-GCM over its canonical JSON, with a random nonce of 96 bits.
 *
 * @returns base64url of nonce, ciphertext and tag (128 bits)
 */
export function seal(value: unknown, key: KeyObject, place: SealPlace): string {
  const nonce = nextNonce();
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(place));
  const ciphertext = cipher.update(canonicalJson(value), 'utf8');
  return Buffer.concat([nonce, ciphertext, cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/**
 * The value that was sealed.
 *
 * @throws BrokenSeal
 */
export function unseal(sealed: string, key: KeyObject, place: SealPlace): unknown {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length <= IV_BYTES + TAG_BYTES) throw new BrokenSeal('the sealed bytes are too few');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(place));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const plaintext = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw new BrokenSeal('the tag does not match');
  }
  return JSON.parse(plaintext.toString('utf8'));
}

/** The field as stored, if it has that form. */
export function storedField(value: unknown): StoredField | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { key, sealed, erased } = value as Record<string, unknown>;
  if (typeof key === 'string' && typeof sealed === 'string') return { key, sealed };
  return erased === true ? { erased } : undefined;
}

// Asked of the system by the hundred: one at a time costs as much as half the sealing.
const nonces = Buffer.alloc(IV_BYTES * 256);
let used = nonces.length;

function nextNonce(): Buffer {
  if (used === nonces.length) {
    randomFillSync(nonces);
    used = 0;
  }
  return nonces.subarray(used, (used += IV_BYTES));
}
