import { describe, expect, it } from '@jest/globals';
import { freePorts } from './ports.js';

describe('freePorts', () => {
  it('gives as many as were asked for, all different, below those of outgoing connections', async () => {
    const ports = await freePorts(200);
    expect(new Set(ports).size).toBe(200);
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });
});
