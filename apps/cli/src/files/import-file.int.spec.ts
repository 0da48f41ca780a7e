import { spawnSync } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { itWhere } from '@annals/testing';

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
    ['UTF-16 LE in gzip', gzipSync(utf16(`\ufeff${text}`, false)), []],
  ])('is read in %s', async (name, content, more) => {
    const { code, out } = await dryRun(`${name}.csv`, content, ...more);
    expect(out).toContain('2 records can be imported. Nothing was sent.');
    expect(code).toBe(0);
  });

  it.each([
    ['UTF-16 LE', 'Zoë 王', (all: string) => utf16(all, false), 'utf-16le'],
    ['UTF-16 BE', 'Zoë 王', (all: string) => utf16(all, true), 'utf-16be'],
    ['Windows-1252', 'René', (all: string) => Buffer.from(all, 'latin1'), 'windows-1252'],
    ['GB18030', '王小明', (all: string) => Buffer.from(Buffer.from(all).toString('latin1').replace('\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e', '\xcd\xf5\xd0\xa1\xc3\xf7'), 'latin1'), 'gb18030'],
  ])('gives refused names back as they were written in %s', async (encoding, name, encoded, said) => {
    await dryRun(`names in ${encoding}.csv`, encoded(`${header}\n1,crm,robot,${name}\n`), '--encoding', said);
    expect(await refusedOf(`names in ${encoding}.csv`)).toContain(`\n1,crm,robot,${name},`);
  });

  it('loses the rows that a carriage return alone divides, and no other', async () => {
    const { out, code } = await dryRun('newlines.csv', `${header}\r\n${row('1', 'a')}\n${row('2', 'b')}\r${row('3', 'c')}\n\r\n${row('4', 'd')}\r\n`);
    expect(out).toContain('line 3: has 7 fields, not 4');
    expect(out).toContain('2 records can be imported, but for 1 rows');
    expect(code).toBe(1);
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
    ['gzip by its first bytes alone', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from(text)]), /its gzip is broken or cut short\. Nothing was sent/],
    ['UTF-16 cut within a character', utf16(`\ufeff${text}`, false).subarray(0, -1), /byte \d+ is not utf-16le; name its encoding/],
    ['of rows that carriage returns end', text.replaceAll(/\r?\n/g, '\r'), /its rows end with a carriage return alone/],
    ['of a header that is never closed', `"${text}`, /the names of its columns, cannot be read/],
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

  it('is refused in a sentence where another encoding was said, or a character is cut', async () => {
    const cut = await dryRun('cut.csv', gb18030.subarray(0, header.length + 15), '--encoding', 'gb18030');
    expect(cut.err).toMatch(/byte \d+ is not gb18030; name its encoding with --encoding/);
    expect(cut.code).toBe(1);
    const other = await dryRun('other.csv', gb18030, '--encoding', 'utf-16be');
    expect(other.err).toMatch(/cannot be imported: .* Nothing was sent\.\n$/);
    expect(other.code).toBe(1);
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

describe('a disk that is full', () => {
  const where = itWhere(existsSync('/dev/full'), '/dev/full, a device that is always full');

  for (const [rows, count] of [['few', 1], ['many', 20_000]] as const) {
    where(`is told in a sentence where ${rows} refused rows are written to it`, async () => {
      const name = `full-${rows}.csv`;
      await symlink('/dev/full', join(folder, `${name}.refused.part`));
      const { code, err } = await dryRun(name, `${header}\n${'1,crm,robot,x\n'.repeat(count)}`);
      expect(err).toBe(`The refused rows cannot be written to ${join(folder, name)}.refused: the disk is full.\n`);
      expect(code).toBe(1);
      expect((await readdir(folder)).filter((each) => each.startsWith(`${name}.`))).toEqual([]);
    });
  }

  itWhere(process.platform !== 'win32', 'a limit on the size of files')('is told in a sentence where standard input does not fit', async () => {
    const input = join(folder, 'input.csv');
    await writeFile(input, `${header}\n${'1,crm,person,x\n'.repeat(40_000)}`);
    const temporary = await mkdtemp(join(folder, 'temporary-'));
    const command = 'ulimit -f 16 && exec "$0" "$1" import customers - --format csv --source crm --dry-run < "$2"';
    const main = join(import.meta.dirname, '../../dist/main.js');
    const { status, stderr } = spawnSync('sh', ['-c', command, process.execPath, main, input], { encoding: 'utf8', env: { ...process.env, TMPDIR: temporary } });
    expect(stderr).toBe(`Standard input cannot be kept in ${temporary} until it is imported: a file may not be as large there.\n`);
    expect(status).toBe(1);
    expect(await readdir(temporary)).toEqual([]);
  });
});
