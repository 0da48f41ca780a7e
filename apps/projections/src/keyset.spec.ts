import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { cursorOf, readCursor, slice } from './keyset.js';

describe('keyset pages', () => {
  it('reach every row once, forwards and back again', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (numbers, limit) => {
        const rows = [...numbers].sort((a, b) => a - b);
        const read = (text: string | null) => {
          const cursor = readCursor(text ?? undefined);
          const at = Number(cursor?.keys[0]);
          const beside = cursor === undefined ? rows : cursor.to === 'next' ? rows.filter((row) => row > at) : rows.filter((row) => row < at).reverse();
          return slice(beside.slice(0, limit + 1), limit, cursor, (row) => [String(row)]);
        };
        const forwards: number[] = [];
        let last = read(null);
        for (let page = last; ; last = page = read(page.next)) {
          forwards.push(...page.rows);
          if (page.next === null) break;
        }
        expect(forwards).toEqual(rows);
        const back = [...last.rows];
        for (let page = last; page.previous !== null; ) {
          page = read(page.previous);
          back.unshift(...page.rows);
        }
        expect(back).toEqual(rows);
      }),
    );
  });

  it('refuse a cursor that is not theirs', () => {
    const schema = cursorOf(/^\d+$/);
    const cursor = slice([1, 2], 1, undefined, (row) => [String(row)]).next ?? '';
    expect(schema.safeParse(cursor).success).toBe(true);
    for (const other of ['', 'x', 'bm90IGpzb24', Buffer.from('["next",["x"]]').toString('base64url'), Buffer.from('["next",["1","2"]]').toString('base64url')]) {
      expect(schema.safeParse(other).success).toBe(false);
    }
    // What no database can compare with anything.
    for (const key of ['a\\u0000', '\\ud800']) {
      expect(cursorOf(/^/).safeParse(Buffer.from(`["next",["${key}"]]`).toString('base64url')).success).toBe(false);
    }
  });
});
