import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { z } from 'zod';

import {
  ERASED,
  amountMinor,
  calendarDate,
  code,
  codeMap,
  country,
  currency,
  decimal,
  department,
  instant,
  language,
  mediaType,
  personalText,
  publicText,
  textWithin,
  timeZone,
  timeZoneName,
  uuid,
} from './text.js';

const cases: [string, z.ZodType, string[], unknown[]][] = [
  ['publicText', publicText(3), ['a', 'äöü', '\u200d', '\u2028'], ['', 'abcd', 'a\u0000', '\ud800', 'x\udc00', 1, null]],
  ['textWithin', textWithin(3), ['🙂🙂🙂'], ['', '🙂🙂🙂🙂', '\u0000', '\udc00\ud800']],
  ['personalText', personalText(3), ['a'], ['', 'abcd', '\u0000', '\ud800', { erased: true }, {}]],
  ['code', code(), ['a', '0', 'credit-note', 'a'.repeat(64)], ['', 'A', 'a_b', '-a', 'a-', 'a--b', 'a\n', 'ä', 'a'.repeat(65)]],
  ['department', department(), ['default', 'emea/uk/support', 'a-b/c1'], ['', '/a', 'a/', 'a//b', 'A/b', 'a b']],
  ['country', country(), ['GB'], ['gb', 'GBR', 'G', '']],
  ['currency', currency(), ['GBP'], ['gbp', 'GB', 'EURO']],
  ['language', language(), ['en', 'zh-Hans-CN', 'x-y'.replace('x', 'xx')], ['e', 'en_GB', 'en-', '中文']],
  ['decimal', decimal(), ['0', '-0', '-12.50', '999999999999999.9999999999', '0.001'], ['', '.5', '1.', '01', '+1', '1e3', '1,5', ' 1', '1000000000000000', '1.00000000000']],
  ['uuid', uuid(), ['0191e0a4-5f00-7c3e-8000-0123456789ab'], ['0191E0A4-5F00-7C3E-8000-0123456789AB', '0191e0a45f007c3e80000123456789ab', '']],
  ['mediaType', mediaType(), ['text/plain', 'application/vnd.x+json'], ['text', 'Text/Plain', 'text/plain; charset=utf-8']],
  [
    'calendarDate',
    calendarDate(),
    ['2011-12-09', '2024-02-29', '0001-01-01'],
    ['2023-02-30', '2023-02-29', '1900-02-29', '2023-13-01', '2023-00-10', '2023-04-31', '11-12-09', '2011-12-09T00:00:00Z', '0000-01-01'],
  ],
  [
    'instant',
    instant(),
    ['2011-12-09T12:50:00.000Z', '2024-02-29T23:59:59.999Z'],
    [
      '2023-02-30T00:00:00Z',
      '2011-12-09T24:00:00Z',
      '2011-12-09T23:59:60Z',
      '2011-12-09T12:50:00',
      '2011-12-09T12:50:00+01:00',
      '2011-12-09 12:50:00Z',
      '2011-12-09T12:50:00.0001Z',
      '0000-01-01T00:00:00Z',
      '+012011-12-09T12:50:00Z',
      1_323_435_000_000,
    ],
  ],
  ['timeZone', timeZone(), ['Europe/London', 'UTC', 'Etc/GMT+1', 'America/Port-au-Prince'], ['Europe/Nowhere', 'europe/london', '+01:00', '', 'Etc/GMT+99', 'A'.repeat(65)]],
  ['timeZoneName', timeZoneName(), ['Europe/Londinium', 'Mars/Olympus_Mons'], ['', '+01:00', 'Europe/', 'Europe London', '\u0000']],
];

describe('makers of texts', () => {
  it.each(cases)('%s takes what it says and refuses the rest', (_name, schema, good, bad) => {
    for (const text of good) expect(schema.safeParse(text)).toEqual({ success: true, data: text });
    for (const text of bad) expect({ text, success: schema.safeParse(text).success }).toEqual({ text, success: false });
  });

  it.each([
    ['2011-12-09T12:50:00Z', '2011-12-09T12:50:00.000Z'],
    ['2011-12-09T12:50:00.5Z', '2011-12-09T12:50:00.500Z'],
    ['2011-12-09T12:50:00.05Z', '2011-12-09T12:50:00.050Z'],
  ])('instant writes %s as %s, so that equal instants are equal texts', (given, written) => {
    expect(instant().parse(given)).toBe(written);
  });

  it('instant keeps every instant to the millisecond, in an order that is also the order of the texts', () => {
    const date = fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
    fc.assert(
      fc.property(date, date, (a, b) => {
        const [first, second] = [instant().parse(a.toISOString()), instant().parse(b.toISOString())];
        expect(Date.parse(first)).toBe(a.getTime());
        expect(first < second).toBe(a < b);
      }),
    );
  });

  it('a personal field may be ERASED, which no JSON parses to', () => {
    expect(personalText(3).parse(ERASED)).toBe(ERASED);
    expect(personalText(3).safeParse(JSON.parse(JSON.stringify(ERASED))).success).toBe(false);
  });

  it('codeMap counts its members and refuses keys that are no codes', () => {
    const map = codeMap(amountMinor(), 2);
    expect(map.safeParse({ a: 1, b: 2 }).success).toBe(true);
    expect(map.safeParse({ a: 1, b: 2, c: 3 }).success).toBe(false);
    expect(map.safeParse({ A: 1 }).success).toBe(false);
    expect(map.safeParse(JSON.parse('{"__proto__":1}')).data ?? {}).toEqual({});
  });

  it('amounts are whole and exact', () => {
    for (const good of [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) expect(amountMinor().parse(good)).toBe(good);
    for (const bad of [0.5, 2 ** 53, -(2 ** 53), Number.NaN, Infinity, '1']) expect(amountMinor().safeParse(bad).success).toBe(false);
  });
});
