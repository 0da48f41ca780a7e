import { describe, expect, it } from '@jest/globals';
import { Restarts } from './restarts.js';

describe('Restarts', () => {
  it('waits twice as long after each death within a minute and gives up at the fifth', () => {
    const restarts = new Restarts('customers', '/logs/customers.log');
    expect([0, 1, 2, 3].map((second) => restarts.delayAfterDeath(second * 1_000))).toEqual([200, 400, 800, 1_600]);
    expect(() => restarts.delayAfterDeath(4_000)).toThrow('customers ended 5 times within a minute and was given up; what it said is in /logs/customers.log.');
  });

  it('forgets what is more than a minute ago', () => {
    const restarts = new Restarts('customers', '/logs/customers.log');
    for (let death = 0; death < 20; death += 1) expect(restarts.delayAfterDeath(death * 20_000)).toBeLessThanOrEqual(800);
  });
});
