export * from './event.js';
export * from './decider.js';
export * from './command-rejected.js';
