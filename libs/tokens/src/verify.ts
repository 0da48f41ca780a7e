import type { KeyObject } from 'node:crypto';
import { createLocalJWKSet, errors, exportJWK, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { callerOf, type Caller } from './claims.js';
import { keyId, LOCAL_ISSUER } from './sign.js';

/** How far an issuer's clock and ours may be apart. */
export const CLOCK_SKEW_SECONDS = 60;

const MAX_TOKEN_LENGTH = 8_192;

/** A token that proves nothing. The message says why, without a word of the token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

/** What a good token proves, and until when. */
export interface Verified {
  readonly caller: Caller;
  /** Milliseconds since 1970, the clock skew included. */
  readonly until: number;
}

/** Tells good tokens from others. */
export interface Verifier {
  readonly assurance: 'token' | 'oidc';
  /** @throws TokenRefused; IssuerUnavailable where an issuer's keys cannot be had */
  verify(token: string): Promise<Verified>;
}

/** What a kind of token must be. */
export interface Expected {
  readonly assurance: 'token' | 'oidc';
  readonly issuer: string;
  readonly audience: string;
  /** Never one that a public key could serve as a secret for, and never `none`. */
  readonly algorithms: readonly string[];
}

/** Verifies tokens that `signToken` made with one of these keys' other halves. */
export async function verifierByKeys(keys: readonly KeyObject[]): Promise<Verifier> {
  const set = await Promise.all(keys.map(async (key) => ({ ...(await exportJWK(key)), kid: await keyId(key), alg: 'EdDSA' })));
  const expected: Expected = { assurance: 'token', issuer: LOCAL_ISSUER, audience: LOCAL_ISSUER, algorithms: ['EdDSA'] };
  const keyOf = createLocalJWKSet({ keys: set });
  return { assurance: 'token', verify: (token) => verifyWith(token, keyOf, expected) };
}

const REASONS: Readonly<Record<string, string>> = {
  [errors.JWTExpired.code]: 'it has expired',
  [errors.JWTClaimValidationFailed.code]: 'it is from another issuer, for another audience, or not valid yet',
  [errors.JWSSignatureVerificationFailed.code]: 'its signature is not right',
  [errors.JOSEAlgNotAllowed.code]: 'its algorithm is not one that is accepted',
  [errors.JOSENotSupported.code]: 'its algorithm is not one that is accepted',
  [errors.JWKSNoMatchingKey.code]: 'its key is not known',
  [errors.JWKSMultipleMatchingKeys.code]: 'it does not say which key signed it',
  [errors.JWTInvalid.code]: 'it is not a token',
  [errors.JWSInvalid.code]: 'it is not a token',
};

/** @throws TokenRefused, and whatever kept the keys from being found */
export async function verifyWith(token: string, keyOf: JWTVerifyGetKey, { assurance, issuer, audience, algorithms }: Expected): Promise<Verified> {
  if (token.length > MAX_TOKEN_LENGTH) throw new TokenRefused('it is not a token');
  try {
    const options = { issuer, audience, algorithms: [...algorithms], clockTolerance: CLOCK_SKEW_SECONDS, requiredClaims: ['sub', 'exp'] };
    const { payload } = await jwtVerify(token, keyOf, options);
    const caller = callerOf(payload, assurance);
    if (caller === undefined || payload.exp === undefined) throw new TokenRefused('its roles, departments, kind or subject cannot be read');
    return { caller, until: (payload.exp + CLOCK_SKEW_SECONDS) * 1_000 };
  } catch (error) {
    const reason = error instanceof errors.JOSEError ? REASONS[error.code] : undefined;
    if (reason === undefined) throw error;
    throw new TokenRefused(reason);
  }
}
