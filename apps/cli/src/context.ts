import { readFile } from 'node:fs/promises';

import { Option, type Command } from 'commander';

import { AnnalsClient } from './client.js';
import { defaultUrl, tokenFromEnvironment } from './config.js';
import { CommandFailed, exitCodes } from './exit-codes.js';
import { Terminal, type Streams } from './terminal.js';

/** What every command works with. */
export interface Context {
  readonly client: AnnalsClient;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What `annals` is started with, and the exit code that it ends with. */
export interface Run {
  readonly streams: Streams;
  exitCode: number;
}

/** What is said by the options that every command has that asks Annals. */
export interface CommonOptions {
  readonly url: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

const PLENTY_MS = 120_000;
const TELL_EVERY_MS = 10_000;
const ENDING = ['SIGINT', 'SIGTERM'] as const;

/** Adds the options that every command has that asks Annals. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--url <url>', 'where Annals answers; the environment may name it as ANNALS_URL', defaultUrl())
    .option('--token-file <file>', 'a file with the token to send; the environment may hold the token itself as ANNALS_TOKEN')
    .option('--json', 'print results as JSON');
}

/** Lets those options stand before a command's name too. What is said after the name goes before what is said there. */
export function withCommonOptionsBefore(program: Command): void {
  program.enablePositionalOptions().addHelpText('after', '\nOptions of all commands that ask Annals (before or after the command):\n  --url, --token-file, --json: see annals status --help');
  const common = ['--url <url>', '--token-file <file>', '--json'].map((flags) => new Option(flags).hideHelp());
  for (const option of common) program.addOption(option);
  program.hook('preAction', (_, command) => {
    for (const option of common) {
      const name = option.attributeName();
      if (program.getOptionValueSource(name) !== 'cli') continue;
      if (!command.options.some(({ long }) => long === option.long)) command.error(`error: ${command.name()} takes no option '${option.long}'`);
      if (command.getOptionValueSource(name) !== 'cli') command.setOptionValueWithSource(name, program.getOptionValue(name), 'cli');
    }
  });
}

/**
 * Runs work that Ctrl-C and SIGTERM end in order.
 *
 * @param onInterrupt - the sentence that they are answered with
 */
export async function interruptibly<T>(onInterrupt: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new CommandFailed(onInterrupt, exitCodes.interrupted));
  const { signal } = interrupted;
  for (const name of ENDING) process.once(name, interrupt);
  try {
    return await work(signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    for (const name of ENDING) process.off(name, interrupt);
  }
}

/** A token is never an argument: arguments are seen by everybody on a machine. */
async function tokenOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return tokenFromEnvironment();
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    throw new CommandFailed(`The token file ${file} cannot be read.`, exitCodes.usage);
  }
}

/**
 * Runs the work of a command: until it is done, fails, or Ctrl-C is pressed.
 *
 * @param onInterrupt - the sentence that Ctrl-C is answered with
 * @param isPatient - go on trying for two minutes while a server does not answer; else for a moment only
 */
export async function inContext(
  run: Run,
  options: CommonOptions,
  { onInterrupt = 'Interrupted.', isPatient = false }: { readonly onInterrupt?: string; readonly isPatient?: boolean },
  work: (context: Context) => Promise<number>,
): Promise<void> {
  const terminal = new Terminal(run.streams, options.json === true);
  let told = -Infinity;
  const onWait = (reason: string): void => {
    if (performance.now() - told < TELL_EVERY_MS) return;
    told = performance.now();
    terminal.note(`Waiting for ${options.url}: ${reason}`);
  };
  const token = await tokenOf(options.tokenFile);
  await interruptibly(onInterrupt, async (signal) => {
    const client = new AnnalsClient(options.url, { forMs: isPatient ? PLENTY_MS : 0, signal, ...(isPatient ? { onWait } : {}) }, { token });
    try {
      run.exitCode = await work({ client, terminal, signal });
    } finally {
      await client.close();
    }
  });
}
