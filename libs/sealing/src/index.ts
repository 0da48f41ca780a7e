export * from './codec.js';
export * from './identities.js';
