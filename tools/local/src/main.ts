import { join } from 'node:path';
import { parseArguments, usage, type Arguments } from './arguments.js';
import { makeDemonstration } from './demonstration.js';
import { LocalError } from './errors.js';
import { watchNpm } from './parents.js';
import { builtServices } from './services.js';
import { startSystem, type System } from './system.js';

const root = join(import.meta.dirname, '../../..');

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function welcome(system: System): string {
  return `
Annals is ready at ${system.url}${system.demo ? ' (DEMO data)' : ''}
Its data directory is ${system.dataDir}
${system.brokers === undefined ? '' : `Its events are published to Kafka at ${system.brokers}: annals.customers.events and others\n`}${system.tokens ? `Callers need a token: npx annals token --subject NAME --role admin --department '*' --data-dir ${system.dataDir}` : 'Callers are not verified: whoever reaches it on this machine may do everything. --tokens asks for tokens.'}

Three things to try, in another terminal:
  curl ${system.url}/health/ready
  npx annals status --url ${system.url}
  open ${system.url}/docs in a browser

Ctrl-C ends it.`;
}

/** Aborts when told to end: by a signal or by npm's death. Returns also how to hear of a second signal. */
function listen(): { readonly told: AbortSignal; readonly toldAgain: Promise<void> } {
  const told = new AbortController();
  const toldAgain = new Promise<void>((resolve) => {
    const end = (): void => {
      if (told.signal.aborted) resolve();
      else say('\nEnding the services, then PostgreSQL. Once more to wait for nobody.');
      told.abort();
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end);
    watchNpm(end);
  });
  return { told: told.signal, toldAgain };
}

async function run(args: Arguments): Promise<void> {
  const { told, toldAgain } = listen();
  const system = await startSystem({
    dataDir: args.dataDir ?? join(root, '.annals/demo'),
    demo: args.dataDir === undefined,
    port: args.port,
    ...(args.tokens !== undefined && { tokens: args.tokens }),
    kafka: args.kafka,
    services: builtServices(root),
    report: (line) => say(`  ${line}`),
    signal: told,
  }).catch((error: unknown) => {
    if (told.aborted) return undefined;
    throw error;
  });
  if (system === undefined) return;
  if (!(await isSeeded(system, told))) return;
  say(welcome(system));
  const failure = await Promise.race([system.failed, aborted(told)]);
  const stopped = system.stop();
  await Promise.race([stopped, toldAgain]);
  await system.stop({ quickly: true });
  await stopped;
  if (failure !== undefined) throw failure;
}

/** Makes the demonstration where this is one. Where that fails, or is interrupted (false), everything is ended again. */
async function isSeeded(system: System, told: AbortSignal): Promise<boolean> {
  try {
    await makeDemonstration(system, { root, report: (line) => say(`  ${line}`), signal: told });
    return true;
  } catch (error) {
    await system.stop();
    if (told.aborted) return false;
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/**
 * `npm start`, after everything is built.
 *
 * @param args - the command line without node and the script
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const parsed = parseArguments(args, process.env['INIT_CWD'] ?? process.cwd());
    if (parsed.help) process.stdout.write(usage);
    else await run(parsed);
    return 0;
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}
