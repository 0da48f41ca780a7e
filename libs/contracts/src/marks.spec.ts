import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

import * as contracts from './index.js';

type Schema = z.core.$ZodType;

/** Visits a schema and all below it, down to personal fields, which are sealed as a whole. */
function visit(schema: Schema, path: string, see: (schema: Schema, path: string) => void): void {
  see(schema, path);
  if (contracts.personalFields.get(schema) !== undefined) return;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'record') see(def.keyType, `${path}/{key}`);
  for (const [step, child] of contracts.children(schema)) visit(child, step === undefined ? path : `${path}/${step}`, see);
}

/** Texts that are marked neither personal nor public. */
function unmarkedTexts(schema: Schema): string[] {
  const found: string[] = [];
  visit(schema, '', (each, path) => {
    const { type } = each._zod.def;
    const marked = contracts.personalFields.get(each) ?? contracts.publicFields.get(each);
    if (type === 'string' && marked === undefined) found.push(path);
  });
  return found;
}

/** Texts, lists and maps without an upper bound. */
function unbounded(schema: Schema): string[] {
  const found: string[] = [];
  visit(schema, '', (each, path) => {
    const bounds = z.looseObject({}).parse(contracts.jsonSchemaOf(each, 'output'));
    const bound = { string: 'maxLength', array: 'maxItems', record: 'maxProperties' }[each._zod.def.type as string];
    // A date is bounded by its form.
    if (bound !== undefined && bounds[bound] === undefined && bounds['format'] !== 'date') found.push(path);
  });
  return found;
}

function schemasOf(module: object): [string, Schema][] {
  return Object.entries(module).filter((entry): entry is [string, Schema] => entry[1] instanceof z.ZodType);
}

const all = schemasOf(contracts);
const files = readdirSync(new URL('./views/', import.meta.url)).filter((file) => !file.endsWith('.spec.ts'));
const views = await Promise.all(files.map(async (file): Promise<object> => import(`./views/${file.replace(/\.ts$/, '.js')}`)));
/** What is computed from the log is as long as the log makes it. */
const answers = new Set(views.flatMap((view) => schemasOf(view).map(([name]) => name)));
const written = all.filter(([name]) => !answers.has(name));

describe('every schema', () => {
  it('is found here', () => {
    expect(all.length).toBeGreaterThan(40);
    expect(written.map(([name]) => name)).toEqual(expect.arrayContaining(['communicationLogged', 'logCommunication', 'metadata', 'commandMeta']));
  });

  it.each(all)('%s has no text that is neither personal nor public', (_name, schema) => {
    expect(unmarkedTexts(schema)).toEqual([]);
  });

  it.each(written)('%s has a bound on every text, list and map', (_name, schema) => {
    expect(unbounded(schema)).toEqual([]);
  });
});

describe('the walk', () => {
  it('reports texts without a mark, wherever they lie', () => {
    const planted = z.object({
      good: contracts.publicText(5),
      plain: z.string(),
      list: z.array(z.object({ email: z.email() })),
      map: z.record(z.string(), contracts.code()),
      choice: z.union([contracts.uuid(), z.string().optional()]),
      sealed: contracts.personal(z.object({ within: contracts.textWithin(5) })),
    });
    expect(unmarkedTexts(planted)).toEqual(['/plain', '/list/*/email', '/map/{key}', '/choice']);
  });

  it('reports what has no bound', () => {
    const planted = z.object({
      text: z.string(),
      list: z.array(contracts.code()),
      map: z.record(contracts.code(), z.number()),
      within: contracts.codeMap(z.array(z.number()), 3),
      good: contracts.codeMap(z.array(contracts.publicText(9)).max(2), 3),
    });
    expect(unbounded(planted)).toEqual(['/text', '/list', '/map', '/within/*']);
  });

  it.each([
    ['any', z.any()],
    ['unknown', z.unknown()],
    ['lazy', z.lazy(() => z.string())],
    ['tuple', z.tuple([z.string()])],
    ['pipe', z.string().transform((text) => text.length)],
    ['intersection', z.intersection(z.object({}), z.object({}))],
  ])('refuses a schema of type %s, through which a text could go unseen', (_type, schema) => {
    expect(() => unmarkedTexts(z.object({ at: schema }))).toThrow(TypeError);
  });
});
