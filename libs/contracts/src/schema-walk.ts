import { z } from 'zod';

import { personalFields, type KeyHolder } from './text.js';

type Schema = z.core.$ZodType;

/** The schemas directly below one, by the step that leads to each in the data: a key, or `*` for all members. */
export function children(schema: Schema): [step: string | undefined, child: Schema][] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape);
    case 'array':
      return [['*', def.element]];
    case 'record':
      return [['*', def.valueType]];
    case 'union':
      return def.options.map((option) => [undefined, option]);
    case 'optional':
    case 'nullable':
    case 'default':
      return [[undefined, def.innerType]];
    default:
      return [];
  }
}

/** Where a personal field lies in an event's data, and who holds its key. */
export interface PersonalPath {
  /** Keys from the top; `*` stands for every member of an array or map. */
  readonly path: readonly string[];
  readonly holder: KeyHolder;
}

/** All personal fields of a schema, found by their marks. */
export function personalPaths(schema: Schema, path: readonly string[] = []): PersonalPath[] {
  const mark = personalFields.get(schema);
  if (mark) return [{ path, holder: mark.holder }];
  const found = children(schema).flatMap(([step, child]) =>
    personalPaths(child, step === undefined ? path : [...path, step]),
  );
  const seen = new Map(found.map((entry) => [entry.path.join('/'), entry]));
  return [...seen.values()];
}

/** The schema with another in place of each directly below it. */
function rebuilt(schema: Schema, each: (child: Schema) => Schema): Schema {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return z.core.clone(schema, {
        ...def,
        shape: Object.fromEntries(Object.entries(def.shape).map(([key, child]) => [key, each(child)])),
        catchall: z.never(),
      } as typeof def);
    case 'array':
      return z.core.clone(schema, { ...def, element: each(def.element) } as typeof def);
    case 'record':
      return z.core.clone(schema, { ...def, valueType: each(def.valueType) } as typeof def);
    case 'union':
      return z.core.clone(schema, { ...def, options: def.options.map(each) } as typeof def);
    case 'optional':
    case 'nullable':
    case 'default':
      return z.core.clone(schema, { ...def, innerType: each(def.innerType) } as typeof def);
    default:
      return schema;
  }
}

/**
 * The same schema, refusing unknown keys in every object. Commands parse strictly, so that a misspelt
 * field is never silently dropped; events parse loosely, so that an older reader outlives a newer writer.
 */
export function strict<S extends Schema>(schema: S): S {
  const result = rebuilt(schema, strict);
  const mark = personalFields.get(schema);
  if (mark && result !== schema) personalFields.add(result, mark);
  return result as S;
}
