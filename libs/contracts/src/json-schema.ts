import { z } from 'zod';

import { personalFields } from './text.js';

/**
 * JSON Schema (draft 2020-12) of a contract. Personal fields appear in their readable form, marked
 * `x-personal`: what `ERASED` looks like in an answer is said once, in the reference, not at each field.
 *
 * @param io - `input` for what a caller sends (fields with a default are optional), `output` for what is read
 */
export function jsonSchemaOf(schema: z.core.$ZodType, io: 'input' | 'output'): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (personalFields.get(zodSchema) === undefined) return;
      const [readable] = zodSchema._zod.def.type === 'union' ? (jsonSchema.anyOf ?? []) : [];
      if (readable !== undefined) {
        delete jsonSchema.anyOf;
        Object.assign(jsonSchema, readable);
      }
      jsonSchema['x-personal'] = true;
    },
  });
}
