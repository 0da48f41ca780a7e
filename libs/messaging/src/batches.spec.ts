import type { StoredEvent } from '@annals/event-store';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { batchesOf, REQUEST_BYTES } from './batches.js';

const LARGEST = 512 * 1024;

const eventOfSize = (size: number, position: number): StoredEvent => ({
  id: '', stream: '', type: '', version: 1, revision: 0, recordedAt: 0, position, data: new Uint8Array(size), metadata: new Uint8Array(300),
});

describe('the requests that events are cut into', () => {
  it('hold every event once, in order, and no more than a broker takes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: LARGEST }), { maxLength: 30 }), (sizes) => {
        const batches = [...batchesOf(sizes.map(eventOfSize))];
        expect(batches.flat().map(({ position }) => position)).toEqual(sizes.map((_, index) => index));
        for (const batch of batches) expect(batch.reduce((sum, { data, metadata }) => sum + data.byteLength + metadata.byteLength, 0)).toBeLessThanOrEqual(REQUEST_BYTES);
      }),
    );
  });

  it('are as few as can be', () => {
    const small = Array.from({ length: 500 }, (_, position) => eventOfSize(100, position));
    expect([...batchesOf(small)]).toHaveLength(1);
  });
});
