import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';

import { linesOf, NotLines } from './csv-lines.js';
import { CsvRows, type CsvRow } from './csv-rows.js';

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function rowsOf(text: string | Buffer, columns: number, chunkSize = 1_000): Promise<CsvRow[]> {
  const rows = new CsvRows(columns);
  const found: CsvRow[] = [];
  for await (const lines of linesOf(inChunks(Buffer.from(text), chunkSize))) found.push(...rows.next(lines));
  return [...found, ...rows.end()];
}

const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
const written = (field: string): string => (/[",\n\r]/.test(field) ? quoted(field) : field);

describe('rows of a CSV file', () => {
  it('reads whatever was written, however the bytes are cut, as a general parser does', async () => {
    const field = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.stringMatching(/^[",\n é中]{0,6}$/));
    const clean = field.map((text) => text.replaceAll('\r', '').replaceAll('\u0000', ''));
    const table = fc.array(fc.tuple(clean, clean, clean), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 40 }), fc.constantFrom('\n', '\r\n'), async (rows, size, end) => {
        const text = rows.map((row) => row.map(written).join(',')).join(end);
        const found = await rowsOf(text, 3, size);
        expect(found.map(({ fields }) => fields)).toEqual(rows);
        expect(found.map(({ fields }) => fields)).toEqual(parse(text));
      }),
    );
  });

  it('says on which line a row begins, across fields that run over several', async () => {
    const rows = await rowsOf('a,b\n"one\ntwo",c\n\nd,e\n', 2);
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  it.each([
    ['ragged', '7,x,y,z', 'has 4 fields, not 3'],
    ['a quote never closed', '7,"x,y', 'a quote is not closed'],
    ['a quote inside a plain field', '7,5" nail,y', 'a quote stands where none may stand'],
    ['text after a closing quote', '7,"x"z,y', 'a quote stands where none may stand'],
  ])('refuses one row alone: %s', async (_, bad, fault) => {
    const rows = await rowsOf(`1,a,b\n${bad}\n2,"c ""d""",e\n3,f,"g,\nh"\n`, 3);
    expect(rows).toEqual([
      { line: 1, fields: ['1', 'a', 'b'] },
      { line: 2, fields: ['7'], fault, text: bad },
      { line: 3, fields: ['2', 'c "d"', 'e'] },
      { line: 4, fields: ['3', 'f', 'g,\nh'] },
    ]);
  });

  it('refuses the row with an open quote and no other, however many lines without a quote follow', async () => {
    const after = Array.from({ length: 500 }, (_, index) => `${index},a,b`);
    const rows = await rowsOf(['x,"open,b', ...after].join('\n'), 3, 64);
    expect(rows[0]).toEqual({ line: 1, fields: ['x'], fault: 'a quote is not closed', text: 'x,"open,b' });
    expect(rows.slice(1).every(({ fault }) => fault === undefined)).toBe(true);
    expect(rows).toHaveLength(501);
  });

  it('refuses a row whose bytes are not UTF-8, and keeps its neighbours in the same chunk', async () => {
    const bytes = Buffer.concat([Buffer.from('1,£\n2,'), Buffer.from([0xa3]), Buffer.from('\n3,ok\n')]);
    const rows = await rowsOf(bytes, 2);
    expect(rows.map(({ fault }) => fault)).toEqual([undefined, 'a byte is not UTF-8', undefined]);
    expect(await rowsOf('3,\ufffd', 2)).toEqual([{ line: 1, fields: ['3', '\ufffd'] }]);
  });

  it('gives up on a file without line ends', async () => {
    await expect(rowsOf(Buffer.alloc(3_000_000, 'x'), 3, 100_000)).rejects.toThrow(NotLines);
  });
});
