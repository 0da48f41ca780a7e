import { describe, expect, it } from '@jest/globals';

import { textTable } from './table.js';

describe('a table in plain text', () => {
  it('puts figures to the right and counts Chinese characters as two columns', () => {
    const rows = [
      ['Loyal', '忠诚', 1_234],
      ['New', '新', 7],
    ];
    expect(textTable(['segment', '', 'members'], rows)).toBe(['segment        members', 'Loyal    忠诚    1,234', 'New      新          7'].join('\n'));
  });
});
