export { freePort } from '@annals/local';
export * from './eventually.js';
export * from './given.js';
export * from './http.js';
export * from './it-where.js';
export * from './kafka.js';
export * from './postgres.js';
export * from './retail-ledger.js';
export * from './settings.js';
