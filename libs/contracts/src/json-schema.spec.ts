import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

import * as contracts from './index.js';

const all = Object.entries(contracts).flatMap(([name, value]): [string, z.core.$ZodType][] => (value instanceof z.ZodType ? [[name, value]] : []));

describe('jsonSchemaOf', () => {
  it('shows a personal field in its readable form, with a mark', () => {
    const sent = contracts.strict(z.object({ a: contracts.personalText(5), b: contracts.personal(contracts.name).nullable().optional() }));
    for (const schema of [sent, contracts.exact(sent)]) {
      expect(contracts.jsonSchemaOf(schema, 'input')).toMatchObject({
        properties: {
          a: { type: 'string', minLength: 1, maxLength: 5, 'x-personal': true },
          b: { anyOf: [{ type: 'object', 'x-personal': true, required: ['full'] }, { type: 'null' }] },
        },
        required: ['a'],
        additionalProperties: false,
      });
    }
  });

  it('asks of a caller only what has no default, and promises a reader the rest', () => {
    expect(contracts.jsonSchemaOf(contracts.recordTransaction, 'input')['required']).not.toContain('parties');
    expect(contracts.jsonSchemaOf(contracts.recordTransaction, 'output')['required']).toContain('parties');
  });

  it('has the bound of a map', () => {
    expect(contracts.jsonSchemaOf(contracts.attributes, 'output')).toMatchObject({ type: 'object', maxProperties: 100 });
  });

  it.each(all)('%s can be written, and has no part that says nothing', (_name, schema) => {
    for (const io of ['input', 'output'] as const) {
      const text = JSON.stringify(contracts.jsonSchemaOf(schema, io));
      expect(text).not.toContain('{}');
    }
  });
});
