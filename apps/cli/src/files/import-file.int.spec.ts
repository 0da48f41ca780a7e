import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { runCommandLine } from '../program.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-files-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** A dry run sends nothing, so it needs no server. */
async function dryRun(name: string, content: string | Uint8Array, ...more: string[]): Promise<{ code: number; out: string; err: string }> {
  await writeFile(join(folder, name), content);
  return dryRunOf(name, ...more);
}

async function dryRunOf(name: string, ...more: string[]): Promise<{ code: number; out: string; err: string }> {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const args = ['import', 'customers', join(folder, name), '--source', 'crm', '--dry-run', ...more];
  const code = await runCommandLine(args, streams);
  return { code, out: String(streams.out.read() ?? ''), err: String(streams.err.read() ?? '') };
}

const header = 'reference.id,reference.system,kind,name.full';
const row = (id: string, name: string): string => `${id},crm,person,${name}`;
const refusedOf = (name: string): Promise<string> => readFile(join(folder, `${name}.refused`), 'utf8');

function utf16(text: string, isBigEndian: boolean): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return isBigEndian ? bytes.swap16() : bytes;
}

describe('a file of customers', () => {
  const text = `${header}\n${row('1', '王小明')}\r\n${row('2', 'Zoë')}\n`;
  const gb18030 = Buffer.concat([Buffer.from(`${header}\n1,crm,person,`), Buffer.from([0xcd, 0xf5, 0xd0, 0xa1, 0xc3, 0xf7]), Buffer.from(`\n${row('2', 'Zo')}\n`)]);

  it.each([
    ['UTF-8', text, []],
    ['UTF-8 with a mark', `\ufeff${text}`, []],
    ['UTF-16 LE with a mark', utf16(`\ufeff${text}`, false), []],
    ['UTF-16 BE with a mark', utf16(`\ufeff${text}`, true), []],
    ['UTF-16 LE that is said', utf16(text, false), ['--encoding', 'utf-16le']],
    ['Windows-1252', Buffer.from(text.replace('王小明', 'René'), 'latin1'), ['--encoding', 'windows-1252']],
    ['GB18030', gb18030, ['--encoding', 'gb18030']],
    ['UTF-8 in gzip', gzipSync(text), []],
  ])('is read in %s', async (name, content, more) => {
    const { code, out } = await dryRun(`${name}.csv`, content, ...more);
    expect(out).toContain('2 records can be imported. Nothing was sent.');
    expect(code).toBe(0);
  });

  it('keeps what a spreadsheet would compute, and is put right and read again from its refused rows', async () => {
    const bad = [header, row('1', '=1+1'), row('2', '"a\nb"').replace('person', 'robot'), '3,crm', row('4', '"x'), row('1', 'again'), row('5', 'nul\u0000')].join('\n');
    const { code, out } = await dryRun('rows.csv', bad);
    expect(out).toContain('line 3: column "kind", /kind: ');
    expect(out).toContain('line 5: has 2 fields, not 4');
    expect(out).toContain('line 6: a quote is not closed');
    expect(out).toContain('line 7: column "reference.id", /reference/id: stands in line 2 already');
    expect(out).toContain('line 8: column "name.full", /name/full: holds U+0000');
    expect(out).toContain('1 records can be imported, but for 5 rows that were refused');
    expect(code).toBe(1);
    expect((await stat(join(folder, 'rows.csv.refused'))).mode & 0o777).toBe(0o600);
    const refused = await refusedOf('rows.csv');
    expect(refused).toContain(`${header},refused-because\n`);
    const again = await dryRun('again.csv', refused.replace('robot', 'person'));
    expect(again.out).toContain('2 records can be imported, but for 3 rows');
  });

  it.each([
    ['not UTF-8', Buffer.concat([Buffer.from(`${header}\n${'1,crm,person,x\n'.repeat(40_000)}`), Buffer.from([0xa3])]), /byte 600045 is not utf-8; name its encoding with --encoding/],
    ['UTF-16 without a mark', utf16(text, false), /byte 116 is not utf-8; name its encoding with --encoding/],
    ['a truncated gzip', gzipSync(text.repeat(1_000)).subarray(0, 70), /its gzip is broken or cut short\. Nothing was sent/],
    ['two columns of one name', `${header},kind\n`, /Two columns are called "kind"/],
    ['a column that the contract has not', `${header},colour\n`, /The contract has no field "colour"/],
    ['a hostile name of a column', `${header},__proto__.x\n`, /is no path/],
    ['nothing', '', /it is empty/],
  ])('is refused in a sentence where it is %s', async (name, content, sentence) => {
    const { code, err } = await dryRun(`${name}.csv`, content);
    expect(err).toMatch(sentence);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(code).toBeGreaterThan(0);
    await expect(refusedOf(`${name}.csv`)).rejects.toThrow('ENOENT');
  });

  it('loses a row with a cell of 10 MB and no other', async () => {
    const { out, code } = await dryRun('large.csv', [header, row('1', 'a'), row('2', 'x'.repeat(10_000_000)), row('3', `"${'y'.repeat(10_000_000)}"`), row('4', 'b')].join('\n'));
    expect(out).toContain('line 3: is longer than 600000 characters');
    expect(out).toContain('line 4: is longer than 600000 characters');
    expect(out).toContain('2 records can be imported, but for 2 rows');
    expect(code).toBe(1);
  });

  it('is read in bounded memory, however much a small gzip unpacks to', async () => {
    const zeros = Buffer.alloc(1_000_000, '0');
    const chunks = function* (): Generator<Buffer> {
      yield Buffer.from(`${header}\n`);
      for (let megabyte = 0; megabyte < 400; megabyte++) yield zeros;
    };
    await pipeline(Readable.from(chunks()), createGzip({ level: 1 }), createWriteStream(join(folder, 'bomb.csv.gz')));
    const before = process.memoryUsage().rss;
    const { out, code } = await dryRunOf('bomb.csv.gz');
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
    expect(out).toContain('line 2: is longer than 600000 characters');
    expect(code).toBe(1);
  }, 60_000);

  it('is read by a map of its columns', async () => {
    const map = join(folder, 'map.json');
    await writeFile(map, JSON.stringify({ Name: 'name.full', Phone: { path: 'contactPoints[0].raw', kind: 'phone' }, Colour: null, '*': { kind: 'person' } }));
    const fine = await dryRun('mapped.csv', 'No,Name,Phone,Colour\n1,王小明,+44 20 7946 0018,red\n2,Zoë,,\n', '--map', map, '--id', 'No');
    expect(fine.out).toContain('2 records can be imported. Nothing was sent.');
    const more = await dryRun('more.csv', 'No,Name,Phone,Colour,Size\n', '--map', map, '--id', 'No');
    expect(more.err).toContain('The map does not say what column "Size" is');
    const ndjson = await dryRun('lines.ndjson', '{"kind":"person"}\n{"kind":1}\n[]\n');
    expect(ndjson.out).toContain('line 2: /kind: ');
    expect(ndjson.out).toContain('line 3: is not a JSON object');
  });
});
