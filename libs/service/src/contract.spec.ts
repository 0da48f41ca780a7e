import { logCommunication, registerCustomer } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { ContractBroken, jsonPointer, parseContract, type Fault } from './contract.js';

function faultsOf(schema: z.ZodType, value: unknown, at: readonly string[] = []): readonly Fault[] {
  try {
    parseContract(schema, value, at);
  } catch (error) {
    if (error instanceof ContractBroken) return error.faults;
    throw error;
  }
  return [];
}

const pointersOf = (schema: z.ZodType, value: unknown): string[] => faultsOf(schema, value).map(({ pointer }) => pointer);

describe('what is wrong with a body', () => {
  it('is said of the alternative that was most likely meant', () => {
    const subject = (ref: unknown) => ({ medium: 'note', direction: 'internal', purpose: 'other', startedAt: '2024-01-01T00:00:00Z', subjects: [{ ref, as: 'about' }] });
    expect(pointersOf(logCommunication, subject({ customer: 'x' }))).toEqual(['/subjects/0/ref/customer']);
    expect(pointersOf(logCommunication, subject({ transaction: 5 }))).toEqual(['/subjects/0/ref/transaction']);
    expect(pointersOf(logCommunication, subject({ system: 'pbx', type: 'Ticket', id: '1' }))).toEqual(['/subjects/0/ref/type']);
  });

  it('reaches into personal fields and maps', () => {
    expect(pointersOf(registerCustomer, { kind: 'person', name: { full: 5 } })).toEqual(['/name/full']);
    expect(pointersOf(registerCustomer, { kind: 'person', name: 'Ann' })).toEqual(['/name']);
    expect(pointersOf(registerCustomer, { kind: 'person', name: { erased: true } })).toEqual(expect.arrayContaining(['/name/erased']));
    expect(pointersOf(registerCustomer, { kind: 'person', attributes: { tier: { type: 'code', value: 'A B' } } })).toEqual(['/attributes/tier/value']);
    expect(pointersOf(registerCustomer, { kind: 'person', attributes: { 'Not A Code': { type: 'number', value: 1 } } })).toEqual(['/attributes/Not A Code']);
    expect(pointersOf(registerCustomer, { kind: 'person', attributes: { tier: { type: 'colour', value: 1 } } })).toEqual(['/attributes/tier/type']);
  });

  it('quotes nothing of the body but names of fields', () => {
    const secret = 'canary-7c1f';
    const faults = faultsOf(registerCustomer, { kind: secret, name: { full: secret.repeat(100) }, language: `${secret}!`, contactPoints: [{ kind: `${secret}!`, raw: [secret] }] });
    expect(faults.length).toBeGreaterThanOrEqual(4);
    expect(JSON.stringify(faults)).not.toContain(secret);
  });

  it('is at most a hundred faults, each said once', () => {
    const body = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`f${index}`, 1]));
    expect(faultsOf(z.strictObject({}), body)).toHaveLength(100);
  });

  it('is prefixed by where it is, beside the body', () => {
    expect(faultsOf(z.object({ limit: z.coerce.number() }), { limit: 'x' }, ['query'])).toMatchObject([{ pointer: '/query/limit' }]);
  });
});

describe('a JSON pointer', () => {
  it('leads to the step that it was made of (RFC 6901)', () => {
    expect(jsonPointer([])).toBe('');
    expect(jsonPointer(['a/b', 0, 'c~d', ''])).toBe('/a~1b/0/c~0d/');
    const unescaped = (pointer: string): string[] => pointer.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    fc.assert(fc.property(fc.array(fc.string()), (path) => expect(unescaped(jsonPointer(path))).toEqual(path)));
  });
});
