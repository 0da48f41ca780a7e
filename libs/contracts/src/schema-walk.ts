import { z } from 'zod';

import { personalFields, readableForm, type KeyHolder } from './text.js';

type Schema = z.core.$ZodType;

const LEAVES = new Set(['string', 'number', 'int', 'boolean', 'null', 'literal', 'enum', 'custom', 'never']);

/**
 * The schemas directly below one, by the step that leads to each in the data: a key, or `*` for all members.
 *
 * @throws TypeError for a kind of schema that contracts do not use: what cannot be walked cannot be sealed
 */
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
      if (LEAVES.has(def.type)) return [];
      throw new TypeError(`a contract cannot hold a schema of type ${def.type}`);
  }
}

/** The schema with another in place of each directly below it. Marks of the first hold for the second. */
function rebuilt(schema: Schema, each: (child: Schema) => Schema): Schema {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const copy = (changed: object): Schema => z.core.clone(schema, z.core.util.mergeDefs(def, changed), { parent: true });
  switch (def.type) {
    case 'object': {
      const shape = Object.fromEntries(Object.entries(def.shape).map(([key, child]) => [key, each(child)]));
      return copy({ shape, catchall: z.never() });
    }
    case 'array':
      return copy({ element: each(def.element) });
    case 'record':
      return copy({ valueType: each(def.valueType) });
    case 'union':
      return copy({ options: def.options.map(each) });
    case 'optional':
    case 'nullable':
    case 'default':
      return copy({ innerType: each(def.innerType) });
    default:
      return schema;
  }
}

/** The same schema, refusing unknown keys in every object: what is about to be stored must not lose a field in silence. */
export function exact<S extends Schema>(schema: S): S {
  return rebuilt(schema, exact) as S;
}

/**
 * The schema of a command's body. It refuses unknown keys in every object, so that a misspelt field is never
 * silently dropped (events parse loosely, so that an older reader outlives a newer writer), and has a personal
 * field's readable form only: nobody can send `ERASED`, and a fault is reported where it lies.
 */
export function strict<S extends Schema>(schema: S): S {
  const mark = personalFields.get(schema);
  if (mark === undefined) return rebuilt(schema, strict) as S;
  const readable = strict(readableForm(schema));
  const result = z.core.clone(readable, readable._zod.def, { parent: true });
  personalFields.add(result, mark);
  return result as S;
}

/** Which parts of a value are personal: found once from the schema's marks, then followed through every value. */
export type PersonalPlan =
  | { readonly kind: 'field'; readonly holder: KeyHolder }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, PersonalPlan> }
  /** Every member of an array or map. */
  | { readonly kind: 'each'; readonly member: PersonalPlan }
  /** By the value of one of the object's members; values that are not listed have nothing personal. */
  | { readonly kind: 'choice'; readonly by: string; readonly options: ReadonlyMap<unknown, PersonalPlan> };

/**
 * The personal parts of a schema's values.
 *
 * @returns undefined where there are none
 * @throws TypeError for a schema whose personal parts depend on more than one discriminating member, or lie
 * within another personal part
 */
export function personalPlan(schema: Schema): PersonalPlan | undefined {
  const mark = personalFields.get(schema);
  if (mark) return fieldPlan(schema, mark.holder);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'union') return choicePlan(def);
  const plans = children(schema).flatMap(([step, child]): [string | undefined, PersonalPlan][] => {
    const plan = personalPlan(child);
    return plan ? [[step, plan]] : [];
  });
  const [first] = plans;
  if (first === undefined) return undefined;
  if (def.type === 'object') return { kind: 'object', members: new Map(plans.map(([step, plan]) => [step ?? '', plan])) };
  return first[0] === '*' ? { kind: 'each', member: first[1] } : first[1];
}

function fieldPlan(schema: Schema, holder: KeyHolder): PersonalPlan {
  if (children(readableForm(schema)).some(([, child]) => personalPlan(child))) {
    throw new TypeError('a personal field cannot lie within another');
  }
  return { kind: 'field', holder };
}

function choicePlan(def: z.core.$ZodUnionDef & { discriminator?: string }): PersonalPlan | undefined {
  const plans = def.options.map((option) => [option, personalPlan(option)] as const);
  if (plans.every(([, plan]) => plan === undefined)) return undefined;
  const by = def.discriminator;
  if (by === undefined) throw new TypeError('a union with personal fields needs a discriminator');
  const options = new Map<unknown, PersonalPlan>();
  for (const [option, plan] of plans) {
    if (plan) for (const value of option._zod.propValues?.[by] ?? []) options.set(value, plan);
  }
  return { kind: 'choice', by, options };
}
