import { describe, expect, it } from '@jest/globals';
import { eventStoreContract } from './contract-suite/event-store-contract.js';
import { newEvents, newStream } from './contract-suite/samples.js';
import { openMemoryStore } from './memory.js';

eventStoreContract('memory', { isOurs: true, open: async () => openMemoryStore() });

describe('a log in memory', () => {
  it('records a later event no earlier, though the clock falls', async () => {
    const times = [5_000, 4_000, 6_000];
    const store = openMemoryStore({ now: () => times.shift() ?? 0 });
    const recorded: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      recorded.push((await store.append(newStream(), 'NoStream', newEvents(1))).recordedAt);
    }
    expect(recorded).toEqual([5_000, 5_000, 6_000]);
  });
});
