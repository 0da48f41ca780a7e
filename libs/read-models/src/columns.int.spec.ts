import { postgresForTests } from '@annals/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';

import { bigints, booleans, integers, smallints, texts, uuids } from './columns.js';

const orNull = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<(Value | null)[]> => fc.array(fc.option(values), { maxLength: 40 });
const word = 2 ** 31;
const int8 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

describe('a column of rows', () => {
  const postgres = postgresForTests();
  let client: pg.Client;

  beforeEach(async () => {
    client = new pg.Client({ connectionString: (await postgres.freshDatabase()).ownerUrl });
    await client.connect();
  });
  afterEach(() => client.end());

  /** What PostgreSQL reads, as text. */
  const read = async (type: string, column: Buffer): Promise<unknown[]> =>
    (await client.query<{ value: unknown }>(`select k::text as value from unnest($1::${pg.escapeIdentifier(type)}[]) as k`, [column])).rows.map(({ value }) => value);
  const asText = (values: readonly unknown[]): unknown[] => values.map((value) => (value === null ? null : String(value)));

  /** That whatever is encoded is read as it was given. */
  const isKept = <Value>(type: string, columns: fc.Arbitrary<Value[]>, encode: (values: readonly Value[]) => Buffer) => ({
    type,
    check: () => fc.assert(fc.asyncProperty(columns, async (column) => expect(await read(type, encode(column))).toEqual(asText(column))), { numRuns: 50 }),
  });

  it.each([
    isKept('uuid', orNull(fc.uuid()), uuids),
    isKept('int8', orNull(fc.oneof(fc.maxSafeInteger(), int8, int8.map(String))), bigints),
    isKept('int4', orNull(fc.integer({ min: -word, max: word - 1 })), integers),
    isKept('int2', orNull(fc.integer({ min: -32_768, max: 32_767 })), smallints),
    isKept('bool', orNull(fc.boolean()), booleans),
    isKept('text', orNull(fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !text.includes('\0'))), texts),
    isKept('text', orNull(fc.constantFrom('', 'a', 'ä', 'emea/uk')), texts),
  ])('of $type is read as it was given', async ({ check }) => {
    await check();
  });

  it.each([
    ['a UUID without its dashes', () => uuids(['018f0000000070008000000000000001'])],
    ['a UUID with a dash elsewhere', () => uuids(['018f00000-000-7000-8000-000000000001'])],
    ['a UUID of other letters', () => uuids(['g18f0000-0000-7000-8000-000000000001'])],
    ['a UUID of letters beyond ASCII', () => uuids(['ａ18f0000-0000-7000-8000-000000000001'])],
    ['a number that has lost digits', () => bigints([2 ** 53])],
    ['more digits than 64 bits', () => bigints([String(2n ** 63n)])],
    ['a fraction', () => integers([0.5])],
    ['a fraction of few bits', () => smallints([0.5])],
    ['more than 32 bits', () => integers([word])],
    ['more than 16 bits', () => smallints([32_768])],
  ])('refuses %s', (_, encode) => {
    // Node's own RangeError is of another realm than the tests'.
    expect(encode).toThrow(expect.objectContaining({ name: 'RangeError' }));
  });
});
