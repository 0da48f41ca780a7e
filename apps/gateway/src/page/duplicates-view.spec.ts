import type { PossibleDuplicate } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';

import { duplicatesView } from './duplicates-view.js';

const someone = (n: number): PossibleDuplicate['customers'][number] => ({
  id: `00000000-0000-4000-8000-00000000000${n}`, kind: 'person', department: 'emea', name: { full: `Zoë <${n}>` }, country: null, references: [], tags: [], assignments: [], active: true,
  registeredAt: null, lastContactAt: null, billed: [],
});

describe('possible duplicates', () => {
  it('are shown with links to their cards and with what they have alike', () => {
    const pair: PossibleDuplicate = { customers: [someone(1), someone(2)], count: { value: 2, more: false }, reasons: [{ of: 'contact-point', kind: 'email' }, { of: 'reference', system: 'shop' }], since: '2026-01-02T03:04:05.000Z' };
    const { markup } = duplicatesView({ items: [pair], next: 'abc', previous: null });
    expect(markup).toContain('<a href="/view/customers/00000000-0000-4000-8000-000000000002">Zoë &lt;2&gt;</a>');
    expect(markup).toContain('the same email; the same reference of shop, written in several ways');
    expect(markup).toContain('/view/duplicates?cursor=abc');
    expect(markup).toContain('<td>2026-01-02</td>');
    expect(markup).not.toContain('others');
  });

  it('say how many more share what many have', () => {
    const many: PossibleDuplicate = { customers: [1, 2, 3, 4, 5].map(someone), count: { value: 1_000, more: true }, reasons: [{ of: 'contact-point', kind: 'phone' }], since: null };
    expect(duplicatesView({ items: [many], next: null, previous: null }).markup).toContain('and more than 995 others');
    expect(duplicatesView({ items: [], next: null, previous: null }).markup).toContain('There are none.');
  });
});
