import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LocalError, exitCodes, messageOf } from './errors.js';

/** What `npm start` was asked for. */
export interface Arguments {
  readonly help: boolean;
  /** Absolute; undefined for the demonstration's own. */
  readonly dataDir: string | undefined;
  /** Whether callers must have tokens; undefined where nothing is said of it. */
  readonly tokens: boolean | undefined;
  /** Whether events go out to a Kafka on this machine. */
  readonly kafka: boolean;
  /** The front door's port. */
  readonly port: number;
}

/** What `npm start -- --help` prints. */
export const usage = `Usage: npm start [-- OPTIONS]

Starts Annals on this machine: PostgreSQL and every service, on 127.0.0.1 only. Ctrl-C ends it.

  --data-dir DIR  keep everything in DIR; without it, a demonstration with data made up lies in .annals/demo
  --port PORT     the address to open in a browser is http://127.0.0.1:PORT (default 4000)
  --tokens        let in those alone who have a token: see "npx annals token --help"; later starts of DIR keep to it
  --no-tokens     let in everybody on this machine again
  --kafka         publish events to a Kafka on this machine too; needs Java 17 and Maven
  --help          print this

Exit codes: 0 ended by Ctrl-C or SIGTERM, 1 failed, 2 wrong usage, 3 port taken, 4 data directory in use,
5 platform without PostgreSQL or too old a Node, 6 disk full, 7 keys missing.
`;

const defaultPort = 4000;

/**
 * Reads the command line.
 *
 * @param args - without node and the script
 * @param from - the folder that relative paths start at
 * @throws LocalError with `exitCodes.usage` for whatever it does not know
 */
export function parseArguments(args: readonly string[], from: string): Arguments {
  const { help, port, tokens, kafka, 'data-dir': dataDir } = parse(args);
  if (dataDir === '') throw wrong('--data-dir needs a folder');
  return { help: help ?? false, tokens, kafka: kafka ?? false, dataDir: dataDir === undefined ? undefined : resolve(from, dataDir), port: parsePort(port) };
}

function parse(args: readonly string[]): { help?: boolean; tokens?: boolean; kafka?: boolean; port?: string; 'data-dir'?: string } {
  try {
    return parseArgs({ args: [...args], allowNegative: true, options: { help: { type: 'boolean' }, tokens: { type: 'boolean' }, kafka: { type: 'boolean' }, port: { type: 'string' }, 'data-dir': { type: 'string' } } }).values;
  } catch (error) {
    throw wrong(messageOf(error).split('. ')[0] ?? '');
  }
}

function parsePort(text: string | undefined): number {
  if (text === undefined) return defaultPort;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw wrong(`--port needs a number from 1 to 65535, not "${text}"`);
  return port;
}

function wrong(what: string): LocalError {
  return new LocalError(`${what.replace(/\.$/, '')}. See "npm start -- --help".`, exitCodes.usage);
}
