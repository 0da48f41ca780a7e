export * from './codec.js';
export { InvalidEvent } from './encode.js';
export * from './event-codec.js';
export * from './identities.js';
export * from './key-file.js';
export * from './key-store.js';
export * from './memory-key-store.js';
export * from './postgres/migrate.js';
export * from './postgres/pg-key-store.js';
