import { open, readFile, rm, mkdtemp } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isNativeError } from 'node:util/types';

import { externalReference } from '@annals/contracts';
import { Option, type Command } from 'commander';

import { inContext, withCommonOptions, type CommonOptions, type Context, type Run } from '../context.js';
import { CommandFailed, exitCodes } from '../exit-codes.js';
import { failureOf } from '../failure.js';
import { chunksOf } from '../files/chunks.js';
import { compared, type Compared } from '../files/figures.js';
import { dryRun, importRecords, type Outcome } from '../files/import-file.js';
import { columnMap } from '../files/mapping.js';
import { nameOf, type Reading, type RecordKind } from '../files/records.js';
import { RefusedFile } from '../files/refused-file.js';
import { ENCODINGS, markedEncoding, NotText, type Encoding } from '../files/text.js';
import { textTable } from '../table.js';

/** So many refused rows are listed; all are counted, and in the file of refused rows. */
const LISTED = 20;

interface Options extends CommonOptions {
  readonly source: string;
  readonly id?: string;
  readonly map?: string;
  readonly format?: 'csv' | 'ndjson';
  readonly encoding?: Encoding;
  readonly refused?: string;
  readonly dryRun?: true;
}

const HELP = `
The columns of a CSV file are paths of the command, as the contracts have it: name.full, contactPoints[0].raw,
meta.department. Where they are called otherwise, --map names a file that says what each column is:

  {
    "Name": "name.full",
    "Phone": { "path": "contactPoints[0].raw", "kind": "phone" },
    "Colour": null,
    "*": { "kind": "person", "meta.department": "default" }
  }

What stands beside "path" is said beside the cell, null leaves a column out, and "*" is said of every record. An
empty cell says nothing; a cell for a list or an object is JSON. A line of an NDJSON file is a command as it is.

The whole file is read first: one that is broken anywhere is refused before anything is sent. A row that the
contract does not take is refused alone, with its line and the reason. Run it again whenever it was interrupted:
what is recorded already stays as it is.`;

/** `annals import customers|communications|transactions FILE` */
export function importFile(parent: Command, run: Run, kind: RecordKind): void {
  const command = parent
    .command(kind)
    .argument('<file>', 'CSV or NDJSON, plain or gzipped; - is standard input')
    .description(`Imports ${kind} from a file.`)
    .requiredOption('--source <system>', 'the system that the records come from: their references name it')
    .option('--id <column>', 'the column of the records\' ids in that system (else reference.id, else file and line)')
    .option('--map <file>', 'what the columns are: see below')
    .addOption(new Option('--format <format>', 'where the name does not tell').choices(['csv', 'ndjson']))
    .addOption(new Option('--encoding <encoding>', 'where no byte order mark tells (default: utf-8)').choices([...ENCODINGS]))
    .option('--refused <file>', 'where refused rows go, always in UTF-8 (default: FILE.refused)')
    .option('--dry-run', 'checks every row, sends nothing')
    .addHelpText('after', HELP);
  withCommonOptions(command).action(async (file: string, options: Options) => {
    const onInterrupt = 'Interrupted. Nothing is lost: run the same command again, and it goes on from here.';
    await inContext(run, options, { onInterrupt, isPatient: true }, (context) => withFile(file, (path) => imported(context, { kind, path, file, options })));
  });
}

/** Standard input is kept in a file of its own meanwhile, since it is read twice. */
async function withFile(file: string, work: (path: string) => Promise<number>): Promise<number> {
  if (file !== '-') return work(file);
  const folder = await mkdtemp(join(tmpdir(), 'annals-import-'));
  try {
    const path = join(folder, 'input');
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 })).catch((error: unknown) => {
      throw failureOf(error, `Standard input cannot be kept in ${tmpdir()} until it is imported`);
    });
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Given {
  readonly kind: RecordKind;
  /** Where the bytes are. */
  readonly path: string;
  /** As it was said. */
  readonly file: string;
  readonly options: Options;
}

async function imported(context: Context, given: Given): Promise<number> {
  const started = performance.now();
  const { file, options } = given;
  let refused: RefusedFile | undefined;
  try {
    const reading = await readingOf(given);
    refused = new RefusedFile(options.refused ?? `${file === '-' ? 'standard-input' : file}.refused`, LISTED, reading.format);
    const outcome = await (options.dryRun ? dryRun : importRecords)(reading, context, refused);
    await refused.end();
    return told(context, outcome, refused, (performance.now() - started) / 1_000);
  } catch (error) {
    throw inWords(file, error);
  } finally {
    await refused?.close();
  }
}

async function readingOf({ kind, path, file, options }: Given): Promise<Reading> {
  const format = options.format ?? formatOf(file);
  const { source, id, encoding } = options;
  if (!externalReference().shape.system.safeParse(source).success) throw new CommandFailed(`--source ${source} is not a system's name, like crm.`, exitCodes.usage);
  if (format === 'ndjson' && (id ?? options.map) !== undefined) throw new CommandFailed('--id and --map are for CSV: NDJSON has its references in it.', exitCodes.usage);
  const map = options.map === undefined ? undefined : await mapOf(options.map);
  return { kind, path, format, source, id, map, encoding: await encodingOf(path, encoding), name: file === '-' ? 'standard-input' : nameOf(file) };
}

function formatOf(file: string): 'csv' | 'ndjson' {
  const [, extension] = /\.(csv|ndjson)(?:\.gz)?$/i.exec(file) ?? [];
  if (extension === undefined) throw new CommandFailed(`The name of ${file} does not tell whether it is CSV or NDJSON: say --format.`, exitCodes.usage);
  return extension.toLowerCase() === 'csv' ? 'csv' : 'ndjson';
}

async function encodingOf(path: string, given: Encoding | undefined): Promise<Encoding> {
  for await (const chunk of chunksOf(path)) return markedEncoding(chunk) ?? given ?? 'utf-8';
  return given ?? 'utf-8';
}

const MAX_MAP_BYTES = 1_000_000;

async function mapOf(path: string) {
  const handle = await open(path);
  try {
    if ((await handle.stat()).size > MAX_MAP_BYTES) throw new NotText('it is too large for a map');
  } finally {
    await handle.close();
  }
  try {
    return columnMap.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    throw new CommandFailed(`${path} is not a JSON object of columns. See annals import --help.`, exitCodes.usage);
  }
}

const UNREADABLE = [
  ['ENOENT', exitCodes.usage],
  ['EACCES', exitCodes.failed],
  ['EISDIR', exitCodes.failed],
] as const;

/** What keeps a file from being read is told in a sentence; anything else is thrown on. */
function inWords(file: string, error: unknown): unknown {
  if (error instanceof NotText) return new CommandFailed(`${file} cannot be imported: ${error.message}. Nothing was sent.`);
  const code = isNativeError(error) && 'code' in error ? String(error.code) : '';
  if (code.startsWith('Z_')) return new CommandFailed(`${file} cannot be imported: its gzip is broken or cut short. Nothing was sent.`);
  const [, exitCode] = UNREADABLE.find(([known]) => known === code) ?? [];
  return exitCode !== undefined && isNativeError(error) ? new CommandFailed(`${file} cannot be imported: ${error.message}.`, exitCode) : error;
}

function told({ terminal }: Context, outcome: Outcome, refused: RefusedFile, seconds: number): number {
  const { file, log, readModels, created, unchanged, rejected } = outcome;
  const figures = log && readModels ? compared(file, log, readModels) : [];
  const isSame = figures.every(({ agrees }) => agrees);
  const isDone = isSame && refused.count === 0;
  const counts = { records: file.records, refused: outcome.refused, created, unchanged, rejected };
  terminal.result(
    {
      done: isDone,
      seconds: Number(seconds.toFixed(1)),
      ...counts,
      figures: figures.map((each) => ({ ...each, file: Number(each.file), log: Number(each.log), readModels: Number(each.readModels) })),
      ...(refused.count === 0 ? {} : { refusedFile: refused.path, first: refused.first }),
    },
    [...refusedText(refused), ...(log ? [tableOf(figures), sentText(outcome)] : []), verdict(outcome, isSame, refused.count)].join('\n'),
  );
  return isDone ? exitCodes.done : exitCodes.failed;
}

function refusedText({ first, count, path }: RefusedFile): string[] {
  if (count === 0) return [];
  const more = count - first.length;
  return [...first.map(({ line, reason }) => `line ${line}: ${reason}`), ...(more > 0 ? [`... and ${more} more`] : []), `The refused rows are in ${path}.`];
}

const tableOf = (figures: readonly Compared[]): string =>
  textTable(['', 'file', 'log', 'read models', ''], figures.map(({ figure, file, log, readModels, agrees }) => [figure, Number(file), Number(log), Number(readModels), agrees ? 'agrees' : 'DIFFERS']));

const shown = (count: number): string => count.toLocaleString('en-GB');

const sentText = ({ created, unchanged, rejected }: Outcome): string =>
  `${shown(created)} created, ${shown(unchanged)} were there already, ${shown(rejected)} rejected.${created === 0 ? ' Nothing was created.' : ''}`;

function verdict({ file, log }: Outcome, isSame: boolean, refused: number): string {
  const but = refused === 0 ? '' : `, but for ${shown(refused)} rows that were refused: see above`;
  if (!log) return `${shown(file.records)} records can be imported${but}. Nothing was sent.`;
  return isSame ? `Reconciled${but}.` : 'NOT reconciled: the figures differ.';
}
