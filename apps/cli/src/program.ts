import { Command, CommanderError } from 'commander';

import { backup } from './commands/backup.js';
import { demo } from './commands/demo.js';
import { importFile } from './commands/import-file.js';
import { importRetail } from './commands/import-retail.js';
import { rebuild } from './commands/rebuild.js';
import { restore } from './commands/restore.js';
import { segmentsList } from './commands/segments-list.js';
import { segmentsTrain } from './commands/segments-train.js';
import { status } from './commands/status.js';
import { token } from './commands/token.js';
import { withCommonOptionsBefore, type Run } from './context.js';
import { CommandFailed, exitCodes } from './exit-codes.js';
import type { Streams } from './terminal.js';

const EXIT_CODES = `
Exit codes:
  ${exitCodes.done}    done
  ${exitCodes.failed}    failed, refused in part, or figures that differ
  ${exitCodes.usage}    the command line cannot be understood
  ${exitCodes.unreachable}    Annals does not answer
  ${exitCodes.interrupted}  interrupted`;

/** The commands, each with its options. */
export function programOf(run: Run): Command {
  const { out, err } = run.streams;
  const program = new Command('annals')
    .description("The record of an organisation's dealings with its customers, at the command line.")
    .addHelpText('after', EXIT_CODES)
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(text) })
    .exitOverride();
  withCommonOptionsBefore(program);
  backup(program, run);
  demo(program, run);
  const imports = program.command('import').description('bring records in from other systems');
  for (const kind of ['customers', 'communications', 'transactions'] as const) importFile(imports, run, kind);
  importRetail(imports, run);
  rebuild(program, run);
  restore(program, run);
  const segments = program.command('segments').description('groups of customers who are alike');
  segmentsTrain(segments, run);
  segmentsList(segments, run);
  status(program, run);
  token(program, run);
  return program;
}

/**
 * Runs one command line.
 *
 * @param args - without node and the script
 * @returns the exit code
 */
export async function runCommandLine(args: readonly string[], streams: Streams): Promise<number> {
  const run: Run = { streams, exitCode: exitCodes.done };
  try {
    await programOf(run).parseAsync(args, { from: 'user' });
    return run.exitCode;
  } catch (error) {
    // Commander has written its own message; it calls every misuse 1, and help 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (!(error instanceof CommandFailed)) throw error;
    streams.err.write(`${error.message}\n`);
    return error.exitCode;
  }
}
