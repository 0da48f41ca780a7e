import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Role } from '@annals/contracts';
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose';

/** Issuer and audience of the tokens that we sign ourselves. */
export const LOCAL_ISSUER = 'annals';

/** For whom a token is, and what they may do with it. */
export interface Grant {
  readonly subject: string;
  readonly roles: readonly Role[];
  /** Paths, or `*` for all. */
  readonly departments: readonly string[];
  readonly kind: 'person' | 'service';
  /** Who uses it in the subject's place. */
  readonly actor?: string;
  /** Seconds from now. */
  readonly expiresIn: number;
}

/** Signs a token with an Ed25519 key. */
export async function signToken({ subject, roles, departments, kind, actor, expiresIn }: Grant, key: KeyObject): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return await new SignJWT({ roles: [...roles], departments: [...departments], kind, ...(actor !== undefined && { act: { sub: actor } }) })
    .setProtectedHeader({ alg: 'EdDSA', kid: await keyId(createPublicKey(key)), typ: 'JWT' })
    .setSubject(subject)
    .setIssuer(LOCAL_ISSUER)
    .setAudience(LOCAL_ISSUER)
    .setIssuedAt(now)
    .setExpirationTime(now + expiresIn)
    .sign(key);
}

/** Names a public key (RFC 7638). */
export async function keyId(key: KeyObject): Promise<string> {
  return await calculateJwkThumbprint(await exportJWK(key));
}
