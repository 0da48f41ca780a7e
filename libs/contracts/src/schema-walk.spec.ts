import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

import { exact, personalPlan, strict } from './schema-walk.js';
import { ERASED, code, personal, personalFields, personalText, publicText, textWithin } from './text.js';

const schema = z.object({
  note: personalText(10).optional(),
  name: personal(z.object({ full: textWithin(10), parts: z.array(z.object({ text: textWithin(5) })).max(2).optional() })).nullable(),
  list: z.array(z.object({ code: code() })).max(3).default([]),
  choice: z.discriminatedUnion('type', [
    z.object({ type: z.literal('text'), value: personalText(10, 'address') }),
    z.object({ type: z.literal('code'), value: code() }),
  ]),
});
const good = { note: 'n', name: { full: 'f', parts: [{ text: 't' }] }, list: [{ code: 'c' }], choice: { type: 'text', value: 'v' } } as const;
const planted = [
  { ...good, planted: 1 },
  { ...good, name: { ...good.name, planted: 1 } },
  { ...good, name: { full: 'f', parts: [{ text: 't', planted: 1 }] } },
  { ...good, list: [{ code: 'c', planted: 1 }] },
  { ...good, choice: { ...good.choice, planted: 1 } },
];

describe.each([['strict', strict(schema)], ['exact', exact(schema)]])('%s', (_name, narrow) => {
  it('takes what the schema takes and refuses an unknown key at every level', () => {
    expect(narrow.parse(good)).toEqual(good);
    for (const body of planted) {
      expect(schema.parse(body)).toEqual(good);
      expect(narrow.safeParse(body).error?.issues.map(({ code }) => code)).toEqual([expect.stringMatching(/unrecognized_keys|invalid_union/)]);
    }
  });

  it('keeps marks, checks and defaults, each default a list of its own', () => {
    expect(personalPlan(narrow)).toEqual(personalPlan(schema));
    expect(narrow.safeParse({ ...good, note: 'x'.repeat(11) }).success).toBe(false);
    const { list: _list, ...rest } = good;
    const [first, second] = [narrow.parse(rest), narrow.parse(rest)];
    expect(first.list).toEqual([]);
    expect(first.list).not.toBe(second.list);
  });
});

describe('a personal field', () => {
  it('may be ERASED where it is stored, and not where it is sent', () => {
    const erased = { ...good, note: ERASED };
    expect(exact(schema).parse(erased)).toEqual(erased);
    expect(strict(schema).safeParse(erased).success).toBe(false);
  });

  it('that is sent wrongly is reported where the fault lies', () => {
    const { error } = strict(schema).safeParse({ ...good, name: { full: 'f', parts: [{ text: '' }] } });
    expect(error?.issues.map(({ path }) => path.join('/'))).toEqual(['name/parts/0/text']);
  });
});

describe('personalPlan', () => {
  it('finds fields by their marks, through lists, maps and choices', () => {
    const field = { kind: 'field', holder: 'stream' };
    expect(personalPlan(schema)).toEqual({
      kind: 'object',
      members: new Map<string, unknown>([
        ['note', field],
        ['name', field],
        [
          'choice',
          { kind: 'choice', by: 'type', options: new Map([['text', { kind: 'object', members: new Map([['value', { kind: 'field', holder: 'address' }]]) }]]) },
        ],
      ]),
    });
    expect(personalPlan(z.record(code(), z.array(personalText(1))))).toEqual({ kind: 'each', member: { kind: 'each', member: field } });
  });

  it('is undefined where nothing is personal', () => {
    expect(personalPlan(z.object({ a: publicText(1), b: z.union([code(), z.null()]) }))).toBeUndefined();
  });

  it('refuses a union that nothing tells apart, and a personal field within another', () => {
    expect(() => personalPlan(z.union([z.object({ a: personalText(1) }), z.object({ b: code() })]))).toThrow(TypeError);
    expect(() => personalPlan(personal(z.object({ a: personalText(1) })))).toThrow(TypeError);
    expect(() => personalPlan(z.array(z.string()).register(personalFields, { holder: 'stream' }))).not.toThrow();
  });
});
