import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { proposeNames } from './names.js';

const features = ['recency', 'frequency', 'monetary'];
const words = {
  recency: { high: { en: 'long absent', zh: '久未光顾' }, low: { en: 'recent', zh: '近期光顾' } },
  frequency: { high: { en: 'frequent', zh: '常购' }, low: { en: 'occasional', zh: '偶购' } },
  monetary: { high: { en: 'high-spending', zh: '高消费' }, low: { en: 'low-spending', zh: '低消费' } },
};

describe('proposed names', () => {
  it('speak of the two most telling features, the most telling first', () => {
    expect(proposeNames({ features, centroids: [[-0.9, 1.2, 1.5], [1.1, -0.8, -0.7], [0.1, -0.2, 0.3]] }, words)).toEqual([
      { en: 'High-spending, frequent', zh: '高消费、常购' },
      { en: 'Long absent, occasional', zh: '久未光顾、偶购' },
      { en: 'Average', zh: '一般' },
    ]);
  });

  it('speak of a third feature where two do not tell segments apart, and number what is left', () => {
    expect(proposeNames({ features, centroids: [[-0.6, 1.2, 1.1], [0.6, 1.2, 1.1], [0.6, 1.3, 1.2]] }, words).map(({ en }) => en)).toEqual([
      'Frequent, high-spending, recent',
      'Frequent, high-spending, long absent',
      'Frequent, high-spending, long absent 2',
    ]);
  });

  it('leave out a feature that has no words', () => {
    const { frequency } = words;
    expect(proposeNames({ features, centroids: [[3, 0.7, -2]] }, { frequency })).toEqual([{ en: 'Frequent', zh: '常购' }]);
  });

  it('are all different in both languages, and at most 100 characters long', () => {
    const x = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.array(x, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 50 }), (centroids) => {
        const names = proposeNames({ features, centroids }, words);
        for (const language of ['en', 'zh'] as const) {
          expect(new Set(names.map((name) => name[language])).size).toBe(centroids.length);
          expect(names.every((name) => name[language].length <= 100)).toBe(true);
        }
      }),
    );
  });

  it('refuse a phrase that is empty or too long', () => {
    const wrong = (en: string) => ({ recency: { high: { en, zh: '高' }, low: { en: 'low', zh: '低' } } });
    expect(() => proposeNames({ features, centroids: [] }, wrong(''))).toThrow('A phrase for recency must have 1 to 30 characters.');
    expect(() => proposeNames({ features, centroids: [] }, wrong('x'.repeat(31)))).toThrow('input-invalid');
  });
});
