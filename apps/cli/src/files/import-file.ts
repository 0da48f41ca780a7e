import type { BatchLineAnswer } from '@annals/contracts';

import { BatchSender } from '../batch-sender.js';
import { countsOf, countsOfLog, countsOfReadModels } from '../catch-up.js';
import type { Context } from '../context.js';
import { CommandFailed } from '../exit-codes.js';
import { FileFigures, figuresOf, type Figures } from './figures.js';
import { Records, type FileRecord, type Reading, type Row } from './records.js';
import type { RefusedFile } from './refused-file.js';

const FIRST_ANSWER_MS = 5_000;

/** What an import found and did. */
export interface Outcome {
  readonly file: Figures;
  readonly refused: number;
  readonly created: number;
  readonly unchanged: number;
  readonly rejected: number;
  /** Absent after a dry run. */
  readonly log?: Figures;
  readonly readModels?: Figures;
}

/** Reads the whole file by the contract and sends nothing: a file that is broken anywhere is refused before its first row is sent. */
async function surveyed(reading: Reading, { signal }: Context, refused?: RefusedFile): Promise<{ figures: FileFigures; refused: number }> {
  const records = new Records(reading);
  const figures = new FileFigures(reading.kind);
  let count = 0;
  for await (const portion of records.read()) {
    signal.throwIfAborted();
    for (const found of portion) {
      if ('command' in found) figures.add(found.command);
      else {
        count++;
        await refused?.add(records.header, found);
      }
    }
  }
  return { figures, refused: count };
}

/** The first half of an import: nothing is sent. */
export async function dryRun(reading: Reading, context: Context, refused: RefusedFile): Promise<Outcome> {
  const survey = await surveyed(reading, context, refused);
  return { file: survey.figures.all(), refused: survey.refused, created: 0, unchanged: 0, rejected: 0 };
}

/** Imports a file: the whole of it is read, then sent, then compared with log and read models. */
export async function importRecords(reading: Reading, context: Context, refused: RefusedFile): Promise<Outcome> {
  const { client, terminal } = context;
  const { kind, source, name } = reading;
  terminal.note(`Reading ${name}`);
  const survey = await surveyed(reading, context);
  // With little patience: an address where nothing listens is told from one that restarts.
  await countsOf(client, 'projections', source, FIRST_ANSWER_MS);
  const sent = { created: 0, unchanged: 0, rejected: 0 };
  const records = new Records(reading);
  const progress = terminal.progress(kind, survey.figures.count, 'records');
  let done = 0;
  const rejections: (readonly [Row, string])[] = [];
  const sender = new BatchSender<FileRecord>(client, `/${kind}/batch`, ({ row, command }, answer) => {
    progress.update(++done);
    if (answer.outcome === 'rejected') {
      sent.rejected++;
      survey.figures.leaveOut(command);
      rejections.push([row, reasonOf(records, answer)]);
    } else if (answer.outcome === 'unchanged') sent.unchanged++;
    else sent.created++;
  });
  const written = async (): Promise<void> => {
    for (const [row, reason] of rejections.splice(0)) await refused.add(records.header, { row, reason });
  };
  try {
    for await (const portion of records.read()) {
      for (const found of portion) {
        if ('command' in found) await sender.add(found, found.command);
        else await refused.add(records.header, found);
      }
      await written();
    }
    await sender.end();
    await written();
  } finally {
    progress.stop();
  }
  if (done !== survey.figures.count) throw new CommandFailed(`${name} changed while it was read: import it again.`);
  const log = await countsOfLog(client, source, [kind]);
  const readModels = await countsOfReadModels(context, source, log.position);
  return { file: survey.figures.all(), refused: survey.refused, ...sent, log: figuresOf(kind, log), readModels: figuresOf(kind, readModels) };
}

function reasonOf(records: Records, answer: BatchLineAnswer & { outcome: 'rejected' }): string {
  const [fault] = answer.errors ?? [];
  return fault === undefined ? `${answer.detail} (${answer.code})` : records.reason(fault.pointer, `${fault.detail} (${answer.code})`);
}
