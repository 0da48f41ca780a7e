import type { KeyStore } from './key-store.js';

/**
 * For a service that needs nothing personal and therefore is given no keys: every personal field that it reads
 * is as erased, and none can be sealed.
 */
export const noKeys: KeyStore = {
  bind: () => Promise.resolve(),
  byIds: () => Promise.resolve(new Map()),
  forHolders: () => Promise.reject(new Error('without keys no personal field can be sealed')),
  close: () => Promise.resolve(),
};
