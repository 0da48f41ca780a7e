export * from './claims.js';
export * from './issuer.js';
export * from './keys.js';
export { signToken, type Grant } from './sign.js';
export { CLOCK_SKEW_SECONDS, TokenRefused, verifierByKeys, type Verified, type Verifier } from './verify.js';
