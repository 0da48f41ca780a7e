import { createHmac, createSecretKey } from 'node:crypto';

import { canonicalJson, type Category } from '@annals/contracts';

import { lengthPrefixed } from './length-prefixed.js';

/**
 * Identities made with the deployment key, so that a repeat meets what the first one made and nobody
 * without the key can tell what an id was made of. Each use has a domain of its own; parts are
 * length-prefixed, so that no two lists of parts are the same bytes.
 */
export interface Identities {
  /** Names the deployment key without telling it. UUID v8. */
  readonly deploymentKeyId: string;
  /** A command's id, from the client and its Idempotency-Key. UUID v8. */
  commandId(client: string, idempotencyKey: string): string;
  /** A record's id where the caller gave none, from the command's id. UUID v8. */
  recordId(category: Category, commandId: string): string;
  /** The id of a record with an external reference, and of that reference's claim. UUID v8. */
  referencedId(category: Category, system: string, id: string): string;
  /** The id of a command's n-th event. UUID v8. */
  eventId(commandId: string, stream: string, index: number): string;
  /** HMAC-SHA-256 of a body's canonical JSON, hex. */
  fingerprint(body: unknown): string;
  /** HMAC-SHA-256 of a contact point's kind and form: how its key is found. */
  addressDigest(kind: string, form: string): Buffer;
}

function uuidOf(digest: Buffer): string {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * @param deploymentKey - 32 bytes that never change in the life of a log
 * @throws RangeError where the key is not 32 bytes
 */
export function createIdentities(deploymentKey: Uint8Array): Identities {
  if (deploymentKey.length !== 32) throw new RangeError('the deployment key must be 32 bytes');
  const key = createSecretKey(deploymentKey);
  const hmac = (...parts: readonly string[]): Buffer => createHmac('sha256', key).update(lengthPrefixed(parts)).digest();
  return {
    deploymentKeyId: uuidOf(hmac('deployment-key-id')),
    commandId: (client, key) => uuidOf(hmac('command', client, key)),
    recordId: (category, commandId) => uuidOf(hmac('record', category, commandId)),
    referencedId: (category, system, id) => uuidOf(hmac('reference', category, system, id)),
    eventId: (commandId, stream, index) => uuidOf(hmac('event', commandId, stream, String(index))),
    fingerprint: (body) => hmac('fingerprint', canonicalJson(body)).toString('hex'),
    addressDigest: (kind, form) => hmac('address', kind, form),
  };
}
