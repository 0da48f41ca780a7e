import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { TokenRefused, verifyWith, type Expected, type Verifier } from './verify.js';

const ALGORITHMS = ['EdDSA', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];
const TIMEOUT_MS = 5_000;
/** Keys are fetched anew after this time, and for an unknown key no more often than the other. */
const KEYS_FRESH_MS = 600_000;
const KEYS_COOLDOWN_MS = 30_000;
const MAX_BYTES = 1_048_576;

const discovered = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** The issuer's description or keys cannot be had. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

/** An OpenID provider, and the audience that its tokens for us have. */
export interface Issuer {
  /** Exactly as its tokens name it. */
  readonly issuer: string;
  readonly audience: string;
}

/** Whether an address is safe to take keys from: over TLS, or of this machine. */
export function isTrustworthy(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
}

/** Verifies tokens of an OpenID provider. Its keys are found by discovery at the first token, and kept. */
export function verifierByIssuer({ issuer, audience }: Issuer): Verifier {
  const expected: Expected = { assurance: 'oidc', issuer, audience, algorithms: ALGORITHMS };
  let finding: Promise<JWTVerifyGetKey> | undefined;
  const failed = (error: unknown): never => {
    // What failed is tried again; what was found stays.
    finding = undefined;
    throw error;
  };
  return {
    assurance: 'oidc',
    verify: async (token) => {
      try {
        finding ??= discover(issuer).catch(failed);
        return await verifyWith(token, await finding, expected);
      } catch (error) {
        if (error instanceof TokenRefused) throw error;
        throw new IssuerUnavailable('the keys of the issuer cannot be had', { cause: error });
      }
    },
  };
}

/** OpenID Connect Discovery 1.0. */
async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const response = await boundedFetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status !== 200) throw new Error(`the issuer's description was answered with ${response.status}`);
  const description = discovered.parse(await response.json());
  if (description.issuer !== issuer) throw new Error('the issuer calls itself by another name than OIDC_ISSUER');
  if (!isTrustworthy(description.jwks_uri)) throw new Error("the issuer's keys do not come over TLS");
  return createRemoteJWKSet(new URL(description.jwks_uri), {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: KEYS_FRESH_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
    [customFetch]: boundedFetch,
  });
}

/** Follows no redirect, which could lead elsewhere than over TLS, and takes no more than a megabyte. */
async function boundedFetch(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'error' });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error('the issuer answers with more than a megabyte');
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: response.status, headers: response.headers });
}
