import { eventually } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';

import { ReadModelUnavailable } from './errors.js';
import { Trouble } from './trouble.js';

describe('what keeps a loop from its work', () => {
  const told: string[] = [];
  const lasting = (afterMs: number): Trouble => {
    told.length = 0;
    return new Trouble('memberships wait', (sentence) => told.push(sentence), afterMs);
  };

  it('is not told while it may be over in a moment', () => {
    const trouble = lasting(60_000);
    trouble.met(new ReadModelUnavailable('it is being built'));
    trouble.over();
    trouble.met(new ReadModelUnavailable('it is being built'));
    expect(told).toEqual([]);
  });

  it('is told once when it has lasted, by the kind of error alone', async () => {
    const trouble = lasting(20);
    await eventually(() => {
      trouble.met(new ReadModelUnavailable('wang@example.com is away'));
      expect(told).toHaveLength(1);
    });
    trouble.met(new ReadModelUnavailable('wang@example.com is away'));
    expect(told).toEqual(['memberships wait: ReadModelUnavailable']);
  });

  it('is told again where it becomes another, and where it comes back', () => {
    const trouble = lasting(0);
    trouble.met(new ReadModelUnavailable('away'));
    trouble.met(new RangeError('too much'));
    trouble.over();
    trouble.met(new RangeError('too much'));
    expect(told).toEqual(['memberships wait: ReadModelUnavailable', 'memberships wait: RangeError', 'memberships wait: RangeError']);
  });
});
