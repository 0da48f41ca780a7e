import { describe, expect, it } from '@jest/globals';

import { ROUTES } from './routes.js';

describe('the table of routes', () => {
  it('gives each method of each path to one service alone', () => {
    const all = ROUTES.map(({ method, path }) => `${method} ${path.replace(/:\w+/g, ':')}`);
    expect(new Set(all).size).toBe(all.length);
  });

  it('lets batches, and nothing else, be large', () => {
    const large = ROUTES.filter(({ maxBytes }) => maxBytes > 1_048_576).map(({ path }) => path);
    expect(large).toEqual([
      '/customers/batch',
      '/customers/changes/batch',
      '/communications/batch',
      '/communications/delivery-reports/batch',
      '/transactions/batch',
      '/transactions/changes/batch',
    ]);
  });
});
