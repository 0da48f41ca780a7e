import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Actor } from '@annals/contracts';
import { IssuerUnavailable, TokenRefused, verifierByIssuer, verifierByKeys, verifyingKeys, type Caller, type Verified, type Verifier } from '@annals/tokens';
import { LRUCache } from 'lru-cache';
import { UNVERIFIED } from './caller.js';
import { ConfigError, type ServiceConfig } from './config.js';
import { Unauthenticated, Unavailable } from './problem.js';

const REMEMBERED = 10_000;
/** A signature is verified again after this time, so that a key that was withdrawn is good for no longer. */
const REMEMBERED_MS = 60_000;

/** Tells who sends a request. */
export class Authority {
  // By digest: a token that lies in memory longer than its request could be read from there.
  readonly #known = new LRUCache<string, Verified>({ max: REMEMBERED, ttl: REMEMBERED_MS });

  /** @param verifier - none where everybody may do everything */
  constructor(private readonly verifier?: Verifier) {}

  /** How callers are known: `none` where they are not. */
  get assurance(): Actor['assurance'] {
    return this.verifier?.assurance ?? 'none';
  }

  /**
   * @param token - the one that the request carries, if any
   * @throws Unauthenticated, and Unavailable where an issuer's keys cannot be had
   */
  async callerOf(token: string | undefined): Promise<Caller> {
    if (this.verifier === undefined) return UNVERIFIED;
    if (token === undefined) throw new Unauthenticated('This needs a token: send it as Authorization: Bearer TOKEN.');
    const digest = createHash('sha256').update(token).digest('base64');
    const known = this.#known.get(digest);
    if (known !== undefined && known.until > Date.now()) return known.caller;
    try {
      const verified = await this.verifier.verify(token);
      this.#known.set(digest, verified);
      return verified.caller;
    } catch (error) {
      if (error instanceof TokenRefused) throw new Unauthenticated(`The token is refused: ${error.message}.`, 'invalid_token');
      if (error instanceof IssuerUnavailable) throw new Unavailable('issuer-unavailable', 'The issuer of tokens does not answer; try again.');
      throw error;
    }
  }
}

/** The authority that the settings ask for. @throws ConfigError where the keys cannot be used */
export async function openAuthority({ TOKEN_PUBLIC_KEY_FILE: file, OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience }: ServiceConfig): Promise<Authority> {
  if (issuer !== undefined && audience !== undefined) return new Authority(verifierByIssuer({ issuer, audience }));
  if (file === undefined) return new Authority();
  try {
    return new Authority(await verifierByKeys(verifyingKeys(await readFile(file, 'utf8'))));
  } catch (error) {
    throw new ConfigError(`TOKEN_PUBLIC_KEY_FILE ${file} cannot be used. ${error instanceof Error ? error.message : ''}`);
  }
}
