import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { DELIVERY_RANKS, deliveryStatus, shownReport, type DeliveryReport } from './delivery.js';

const SIX = ['queued', 'sending', 'sent', 'delivered', 'read', 'failed'];
const report = (status: string, more: Partial<DeliveryReport> = {}): DeliveryReport => ({ status, attempt: 1, providerAt: '2024-05-01T10:00:00.000Z', ...more });

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

/** Every non-empty choice of the six. */
const subsets = Array.from({ length: 63 }, (_, index) => SIX.filter((_status, bit) => ((index + 1) >> bit) & 1));
const furthest = (statuses: readonly string[]): string | undefined => SIX.findLast((status) => statuses.includes(status));

describe('the status of a delivery', () => {
  it('is the highest rank in every order of every choice of six statuses, each of them once more at any place', () => {
    let tried = 0;
    for (const order of subsets.flatMap(permutations)) {
      const right = furthest(order);
      const reports = order.map((status) => report(status));
      expect(deliveryStatus(reports)).toBe(right);
      for (const again of reports) {
        for (let place = 0; place <= reports.length; place += 1) if (deliveryStatus(reports.toSpliced(place, 0, again)) !== right) throw new Error(`${order.join()} with ${again.status} at ${place}`);
        tried += reports.length + 1;
      }
    }
    // 6 + 30 + 120 + 360 + 720 + 720 orders.
    expect(tried).toBe(6 * 1 * 2 + 30 * 2 * 3 + 120 * 3 * 4 + 360 * 4 * 5 + 720 * 5 * 6 + 720 * 6 * 7);
  });

  it('is that of the highest attempt, whatever was said of those before', () => {
    expect(deliveryStatus([report('sent', { attempt: 2 }), report('failed'), report('delivered')])).toBe('sent');
  });

  it('is none without a report, and an unknown word counts only where there is no known one', () => {
    expect(deliveryStatus([])).toBeUndefined();
    expect(deliveryStatus([report('teleported')])).toBe('teleported');
    expect(deliveryStatus([report('teleported'), report('queued')])).toBe('queued');
  });

  const reports = fc.array(
    fc.record({
      status: fc.constantFrom(...DELIVERY_RANKS.keys(), 'teleported'),
      attempt: fc.integer({ min: 1, max: 3 }),
      providerAt: fc.constantFrom('2024-05-01T10:00:00.000Z', '2024-05-01T10:00:01.000Z'),
    }),
    { maxLength: 12 },
  );

  it('comes of one report, whatever their order and repetition, and can be kept instead of them all', () => {
    fc.assert(
      fc.property(reports, reports, fc.infiniteStream(fc.nat()), (some, more, chance) => {
        const shown = shownReport([...some, ...more]);
        const shuffled = [...some, ...more, ...some].map((each) => ({ each, at: chance.next().value ?? 0 })).sort((a, b) => a.at - b.at);
        expect(shownReport(shuffled.map(({ each }) => each))).toEqual(shown);
        const kept = shownReport(some);
        expect(shownReport(kept === undefined ? more : [kept, ...more])).toEqual(shown);
      }),
    );
  });
});
