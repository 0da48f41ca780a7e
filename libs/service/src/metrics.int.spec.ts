import { describe, expect, it } from '@jest/globals';

import { openMemoryStore } from '@annals/event-store';
import { secondsBehind } from './lag.js';
import { measureAtScrape, registry } from './metrics.js';

const scrape = async (name: string): Promise<string[]> => (await registry.metrics()).split('\n').filter((line) => line.startsWith(name));

describe('a gauge that is looked up at each scrape', () => {
  it('says what is so at that moment, and nothing of what is no longer there', async () => {
    let rows = [{ name: 'annals_test_rows' as const, labels: { of: 'card' }, value: 3 }];
    measureAtScrape({ annals_test_rows: { help: 'Rows.', labels: ['of'] } }, () => Promise.resolve(rows));
    expect(await scrape('annals_test_rows')).toEqual(['annals_test_rows{of="card"} 3']);
    rows = [{ name: 'annals_test_rows', labels: { of: 'timeline' }, value: 4 }];
    expect(await scrape('annals_test_rows')).toEqual(['annals_test_rows{of="timeline"} 4']);
  });

  it('is asked for once a scrape, however many there are', async () => {
    let asked = 0;
    measureAtScrape({ annals_test_one: { help: 'One.' }, annals_test_two: { help: 'Two.' } }, () => {
      asked += 1;
      return Promise.resolve([{ name: 'annals_test_one', value: 1 }, { name: 'annals_test_two', value: 2 }]);
    });
    expect(await scrape('annals_test_')).toEqual(expect.arrayContaining(['annals_test_one 1', 'annals_test_two 2']));
    expect(asked).toBe(1);
  });

  it('is left out, and hinders no other, where it cannot be looked up', async () => {
    measureAtScrape({ annals_test_failing: { help: 'Fails.' } }, () => Promise.reject(new Error('away')));
    measureAtScrape({ annals_test_hanging: { help: 'Hangs.', labels: ['of'] } }, () => new Promise(() => undefined));
    measureAtScrape({ annals_test_there: { help: 'There.' } }, () => Promise.resolve([{ name: 'annals_test_there', value: 1 }]));
    expect(await scrape('annals_test_failing')).toEqual([]);
    expect(await scrape('annals_test_hanging')).toEqual([]);
    expect(await scrape('annals_test_there')).toEqual(['annals_test_there 1']);
  });

  it('may be given anew by another service of the process', async () => {
    for (const value of [1, 2]) measureAtScrape({ annals_test_again: { help: 'Again.' } }, () => Promise.resolve([{ name: 'annals_test_again', value }]));
    expect(await scrape('annals_test_again')).toEqual(['annals_test_again 2']);
  });
});

describe('how long somebody is behind', () => {
  it('is the age of the first event that counts and is not handled', async () => {
    const store = openMemoryStore({ now: () => Date.now() - 60_000 });
    const event = (id: string) => ({ id, type: 'Something', version: 1, data: new TextEncoder().encode('{}'), metadata: new TextEncoder().encode('{}') });
    await store.append('customer-018f0000-0000-7000-8000-000000000001', 'NoStream', [event('018f0000-0000-7000-8000-00000000000a')]);
    expect(await secondsBehind(store, 0)).toBeGreaterThanOrEqual(60);
    expect(await secondsBehind(store, 0, ['transaction'])).toBe(0);
    expect(await secondsBehind(store, 1)).toBe(0);
  });
});
