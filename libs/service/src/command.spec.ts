import { CommandRejected } from '@annals/kernel';
import { describe, expect, it } from '@jest/globals';
import { Command, recordId } from './command.js';
import { callWith, commandOf, memoryLog } from './fixtures/memory-log.js';

const log = memoryLog();
const fingerprintOf = (body: object): string => commandOf(log, body).metadata().fingerprint;
const recordIdOf = (body: { id?: string; reference?: { system: string; id: string } }, key = 'key'): string => recordId(log.identities, 'transaction', commandOf(log, body, key));

const callOfOne = (departments: readonly string[]) => callWith({ actor: { id: 'ann', kind: 'person', assurance: 'token' }, scope: { departments } });
const departmentOf = (departments: readonly string[], department?: string): string => {
  const body = department === undefined ? {} : { meta: { department } };
  return new Command(memoryLog().identities, callOfOne(departments), body, { sent: body, key: 'a' }).metadata().department;
};

describe('the department of a command', () => {
  it('is the one that is said, where it lies within the scope', () => {
    expect(departmentOf(['emea'], 'emea/uk')).toBe('emea/uk');
    expect(() => departmentOf(['emea'], 'emeax')).toThrow(expect.objectContaining({ kind: 'forbidden', code: 'department-not-in-scope' }));
    expect(() => departmentOf([], 'emea')).toThrow(CommandRejected);
  });

  it("is the sender's where nothing is said and there is one alone, else it must be said", () => {
    expect(departmentOf(['emea/uk'])).toBe('emea/uk');
    for (const several of [['emea', 'apac'], []]) expect(() => departmentOf(several)).toThrow(expect.objectContaining({ faults: [expect.objectContaining({ pointer: '/meta/department' })] }));
  });
});

describe("a command's identity", () => {
  it('is made of client and key', () => {
    expect(commandOf(log, {}, 'a').id).toBe(commandOf(log, { number: 1 }, 'a').id);
    expect(commandOf(log, {}, 'a').id).not.toBe(commandOf(log, {}, 'b').id);
    const other = callWith({ actor: { id: 'till', kind: 'service', assurance: 'token' } });
    expect(new Command(log.identities, other, {}, { sent: {}, key: 'a' }).id).not.toBe(commandOf(log, {}, 'a').id);
  });

  it('has a fingerprint of what is said: not of its key, of where this copy came from, or of the order of its fields', () => {
    const said = fingerprintOf({ a: 1, b: 2 });
    expect(fingerprintOf({ b: 2, a: 1, key: 'k' })).toBe(said);
    expect(fingerprintOf({ a: 1, b: 2, meta: { source: { system: 'till' } } })).toBe(said);
    expect(fingerprintOf({ a: 1, b: 2, meta: {} })).toBe(said);
    expect(fingerprintOf({ a: 1, b: 3 })).not.toBe(said);
    expect(fingerprintOf({ a: 1, b: 2, meta: { department: 'uk' } })).not.toBe(said);
    expect(said).toMatch(/^[0-9a-f]{64}$/);
  });

  it('makes ids of parts that a repeat makes again', () => {
    const [a, b] = [commandOf(log, {}, 'a').partId('s'), commandOf(log, {}, 'b').partId('s')];
    expect([a(0), a(1)]).toEqual([commandOf(log, {}, 'a').partId('s')(0), commandOf(log, {}, 'a').partId('s')(1)]);
    expect(new Set([a(0), a(1), b(0), commandOf(log, {}, 'a').partId('t')(0)]).size).toBe(4);
  });
});

describe("a command's envelope", () => {
  it('says when it happened: as the body has it, else as the record has it, else now', () => {
    const unsaid = { occurredAt: '2011-12-09T00:00:00.000Z', precision: 'day' } as const;
    expect(commandOf(log, {}).metadata(unsaid)).toMatchObject({ ...unsaid, effectiveAt: unsaid.occurredAt });
    const meta = { occurredAt: '2011-12-09T12:50:00.000Z', zone: 'Europe/London', effectiveAt: '2011-12-01T00:00:00.000Z' };
    expect(commandOf(log, { meta }).metadata(unsaid)).toMatchObject({ ...meta, precision: 'instant' });
    expect(Math.abs(Date.parse(commandOf(log, {}).metadata().occurredAt) - Date.now())).toBeLessThan(60_000);
  });

  it('has the department that is said, or the default one, and who sent it', () => {
    expect(commandOf(log, {}).metadata()).toMatchObject({ format: 1, department: 'default', actor: { id: 'unverified', kind: 'unverified', assurance: 'none' } });
    expect(commandOf(log, { meta: { department: 'emea/uk' } }).metadata().department).toBe('emea/uk');
  });
});

describe("a record's id", () => {
  const reference = { system: 'till', id: '1' };

  it("is the caller's, else made of the command", () => {
    expect(recordIdOf({ id: '018f0000-0000-7000-8000-000000000001' })).toBe('018f0000-0000-7000-8000-000000000001');
    expect(recordIdOf({}, 'a')).toBe(recordIdOf({}, 'a'));
    expect(recordIdOf({}, 'a')).not.toBe(recordIdOf({}, 'b'));
  });

  it("is the reference's, whatever the command, and no other", () => {
    expect(recordIdOf({ reference }, 'a')).toBe(recordIdOf({ reference }, 'b'));
    expect(recordIdOf({ reference })).not.toBe(recordIdOf({ reference: { system: 'til', id: 'l1' } }));
    expect(recordIdOf({ reference, id: recordIdOf({ reference }) })).toBe(recordIdOf({ reference }));
    expect(() => recordIdOf({ reference, id: '018f0000-0000-7000-8000-000000000001' })).toThrow('transaction-id-differs');
  });
});
